# The one place for floating-point flags. Results must be the same bytes on every backend and at every ISA level:
# no contraction of a * b + c, and never fast-math. docs/numerics.md says why.
add_library(hexaplex_numerics INTERFACE)
add_library(hexaplex::numerics ALIAS hexaplex_numerics)
target_compile_features(hexaplex_numerics INTERFACE cxx_std_20)
target_compile_options(
  hexaplex_numerics
  INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-ffp-contract=off>
            # Hints which loop becomes vector code; brings no OpenMP run time. Only integer and max reductions may use it.
            $<$<COMPILE_LANGUAGE:CXX>:-fopenmp-simd>
            # CMake 3.25 does not know nvcc's C++20, so it is passed by hand.
            "$<$<COMPILE_LANGUAGE:CUDA>:-std=c++20;--fmad=false;-Xcompiler=-ffp-contract=off,-fopenmp-simd>")
if(HEXAPLEX_SANITIZE)
  target_compile_options(hexaplex_numerics INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${HEXAPLEX_SANITIZE}>
                                                     $<$<COMPILE_LANGUAGE:CXX>:-fno-omit-frame-pointer>)
  target_link_options(hexaplex_numerics INTERFACE -fsanitize=${HEXAPLEX_SANITIZE})
endif()
# Function clones use an indirect-function resolver that runs before a sanitizer is ready, and clang 14 rejects them on
# templates. HX_CLONES is then empty and the loops compile for the baseline only: the same bytes, slower.
if(HEXAPLEX_CLONES AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT HEXAPLEX_SANITIZE
   AND CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  target_compile_definitions(hexaplex_numerics INTERFACE HEXAPLEX_HAS_CLONES=1)
endif()
if(HEXAPLEX_SHAKE)
  target_compile_definitions(hexaplex_numerics INTERFACE HEXAPLEX_SHAKE=1)
endif()
