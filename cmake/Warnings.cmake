# Warnings of our own code are errors; headers of other projects are included as system headers.
option(HEXAPLEX_WERROR "Treat warnings as errors" ON)
add_library(hexaplex_warnings INTERFACE)
add_library(hexaplex::warnings ALIAS hexaplex_warnings)
set(_flags -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wcast-align -Woverloaded-virtual)
if(HEXAPLEX_WERROR)
  list(APPEND _flags -Werror)
endif()
string(REPLACE ";" "," _host "${_flags}")
target_compile_options(hexaplex_warnings INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:${_flags}>"
                                                   "$<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-Wall,-Wextra>")
if(HEXAPLEX_WERROR)
  target_compile_options(hexaplex_warnings INTERFACE "$<$<COMPILE_LANGUAGE:CUDA>:-Werror=all-warnings>")
endif()
