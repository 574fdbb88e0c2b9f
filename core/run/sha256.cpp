#include "core/run/sha256.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "core/run/reading_mend.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

std::string hex_of(const unsigned char* bytes, std::size_t count) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

}  // namespace

struct Sha256::Impl {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~Impl() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : impl_(std::make_unique<Impl>()) {
  if (impl_->context == nullptr || EVP_DigestInit_ex(impl_->context, EVP_sha256(), nullptr) != 1)
    throw Error("SHA-256 is not available in this OpenSSL");
}
Sha256::~Sha256() = default;

void Sha256::add(const void* data, std::size_t bytes) {
  EVP_DigestUpdate(impl_->context, data, bytes);
}

std::string Sha256::hex() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  EVP_DigestFinal_ex(impl_->context, digest, &length);
  return hex_of(digest, length);
}

std::string sha256_of(std::string_view text) {
  Sha256 hash;
  hash.add(text.data(), text.size());
  return hash.hex();
}

FileHash hash_file(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    throw InputError(path.string(), std::string("cannot be opened: ") + std::strerror(errno) + reading_mend(errno));
  Sha256 hash;
  FileHash result;
  std::vector<char> block(1 << 20);
  while (true) {
    const ssize_t got = ::read(fd, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const int error = errno;
      ::close(fd);
      throw InputError(path.string(), std::string("cannot be read: ") + std::strerror(error) + reading_mend(error));
    }
    if (got == 0) break;
    hash.add(block.data(), static_cast<std::size_t>(got));
    result.bytes += static_cast<std::uint64_t>(got);
  }
  ::close(fd);
  result.sha256 = hash.hex();
  return result;
}

std::string uuid5(const std::array<unsigned char, 16>& name_space, std::string_view name) {
  std::string bytes(name_space.begin(), name_space.end());
  bytes += name;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest, &length, EVP_sha1(), nullptr) != 1)
    throw Error("SHA-1 is not available in this OpenSSL");
  digest[6] = static_cast<unsigned char>((digest[6] & 0x0f) | 0x50);
  digest[8] = static_cast<unsigned char>((digest[8] & 0x3f) | 0x80);
  std::string text = hex_of(digest, 16);
  for (const std::size_t at : {8u, 13u, 18u, 23u}) text.insert(at, "-");
  return text;
}

std::string uuid5(std::string_view name) {
  // Drawn at random, once and for all.
  static constexpr std::array<unsigned char, 16> kNamespace{0x5d, 0x0b, 0x1f, 0x6e, 0x83, 0xc4, 0x4a, 0x39,
                                                            0x9e, 0x27, 0x61, 0xd8, 0x0c, 0xf2, 0x7b, 0x94};
  return uuid5(kNamespace, name);
}

}  // namespace hexaplex
