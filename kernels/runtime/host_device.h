#pragma once

// The only macros of the project besides HX_EXPECT (error.h).

// HX_HD: a function that runs on the host and on the device, with the same bits on both.
#if defined(__CUDACC__)
#define HX_HD __host__ __device__
#else
#define HX_HD
#endif

// HX_CLONES: compile this plain function for several x86-64 levels; the loader picks one. Integer arithmetic and
// uncontracted + - * / sqrt give the same bits at every level. Empty under clang and the sanitizers.
#if defined(HEXAPLEX_HAS_CLONES) && !defined(__CUDACC__)
#define HX_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define HX_CLONES
#endif
