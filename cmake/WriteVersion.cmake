# Run at build time: cmake -D SOURCE=... -D OUTPUT=... -D HEXAPLEX_VERSION=... -P WriteVersion.cmake
# Writes version.cpp only where it changed, so that a build without a new commit compiles nothing.
file(STRINGS "${SOURCE}/cmake/commit.txt" _archive_commit LIMIT_COUNT 1)
set(HEXAPLEX_COMMIT unknown)
if(NOT _archive_commit MATCHES "Format:") # git archive has put the commit there
  set(HEXAPLEX_COMMIT "${_archive_commit}")
elseif(EXISTS "${SOURCE}/.git")
  find_program(_git git)
  if(_git)
    execute_process(
      COMMAND "${_git}" --no-optional-locks describe --always --dirty --abbrev=12
      WORKING_DIRECTORY "${SOURCE}"
      OUTPUT_VARIABLE _described
      OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(_described)
      set(HEXAPLEX_COMMIT "${_described}")
    endif()
  endif()
endif()
configure_file("${SOURCE}/cmake/version.cpp.in" "${OUTPUT}" @ONLY)
