# opencv_core, opencv_imgproc and opencv_ml, found by header and library. Debian ships OpenCV's own CMake files only in libopencv-dev,
# which drags in every module and GDAL; the three light packages are all that is needed here.
find_path(OpenCVLight_INCLUDE_DIR opencv2/imgproc.hpp PATH_SUFFIXES opencv4)
foreach(_module core imgproc ml)
  find_library(OpenCVLight_${_module}_LIBRARY opencv_${_module})
endforeach()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OpenCVLight REQUIRED_VARS OpenCVLight_core_LIBRARY OpenCVLight_imgproc_LIBRARY OpenCVLight_ml_LIBRARY
                                                            OpenCVLight_INCLUDE_DIR)
if(OpenCVLight_FOUND AND NOT TARGET hexaplex::opencv)
  add_library(hexaplex::opencv INTERFACE IMPORTED)
  target_include_directories(hexaplex::opencv SYSTEM INTERFACE "${OpenCVLight_INCLUDE_DIR}")
  target_link_libraries(hexaplex::opencv INTERFACE "${OpenCVLight_ml_LIBRARY}" "${OpenCVLight_imgproc_LIBRARY}" "${OpenCVLight_core_LIBRARY}")
endif()
