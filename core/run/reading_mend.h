#pragma once

#include <cerrno>

namespace hexaplex {

/// What a person can do about a file that cannot be opened or read; the end of a sentence. @param error  an errno
inline const char* reading_mend(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ENODEV:
    case ENXIO:
    case ENOTCONN:
    case ESTALE:
      return "; is its name right, and its disk mounted?";
    case EACCES:
    case EPERM:
      return "; change its permissions";
    case EIO:
      return "; its disk or the network is failing: copy it from elsewhere";
    default:
      return "";
  }
}

}  // namespace hexaplex
