#include "core/io/tiff_decoder.h"

#include <fmt/format.h>
#include <tiffio.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>

#include "core/io/text.h"
#include "core/io/tiff_block_place.h"
#include "core/io/tiff_codec.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr std::size_t kMaxHandles = 64;
constexpr std::size_t kMaxCachedBytes = 64u << 20;
constexpr tmsize_t kMaxSingleAllocation = 512 << 20;
constexpr std::uint32_t kRowsOfNothing = 64;

/// What libtiff said while it worked on one page. Handlers are those of the handle, so threads do not mix.
struct Messages {
  std::string error, damage;
};

std::string formatted(const char* format, va_list arguments) {
  std::array<char, 512> text{};
  std::vsnprintf(text.data(), text.size(), format, arguments);
  return clean_text(text.data());
}

int on_error(TIFF*, void* user, const char*, const char* format, va_list arguments) {
  auto& m = *static_cast<Messages*>(user);
  if (m.error.empty()) m.error = formatted(format, arguments);
  return 1;
}

int on_warning(TIFF*, void* user, const char* module, const char* format, va_list arguments) {
  // libjpeg fills what is missing with grey and only warns. Bytes too many before a marker do no harm.
  auto& m = *static_cast<Messages*>(user);
  const std::string text = formatted(format, arguments);
  const bool jpeg = module != nullptr && starts_with(module, "JPEG");
  if (jpeg && text.find("extraneous bytes") == std::string::npos && m.damage.empty()) m.damage = text;
  return 1;
}

/// Want of memory says nothing about the file. A request beyond the limit set below does: libtiff says so first, in
/// other words.
bool is_want_of_memory(const std::string& message) {
  for (const char* words :
       {"No space for", "nsufficient memory", "ut of memory", "allocate memory", "Not enough memory"})
    if (message.find(words) != std::string::npos) return true;
  return false;
}

struct Stream {
  const FileBytes* file;
  std::uint64_t position = 0;
  std::exception_ptr failure;  // of the device, or the file became shorter: no damage of what it holds
};

tmsize_t read_stream(thandle_t h, void* dst, tmsize_t count) {
  auto& s = *static_cast<Stream*>(h);
  const std::uint64_t left = s.position < s.file->size() ? s.file->size() - s.position : 0;
  const auto n = static_cast<std::size_t>(std::min(left, static_cast<std::uint64_t>(count)));
  try {  // an exception must not pass through C
    if (n > 0) s.file->read(s.position, dst, n);
  } catch (const Error&) {
    s.failure = std::current_exception();
    return -1;
  }
  s.position += n;
  return static_cast<tmsize_t>(n);
}

tmsize_t refuse_write(thandle_t, void*, tmsize_t) {
  return -1;
}

toff_t seek_stream(thandle_t h, toff_t offset, int whence) {
  auto& s = *static_cast<Stream*>(h);
  const std::uint64_t base = whence == SEEK_CUR ? s.position : whence == SEEK_END ? s.file->size() : 0;
  s.position = base + offset;
  return s.position;
}

int close_stream(thandle_t) {
  return 0;
}
toff_t stream_size(thandle_t h) {
  return static_cast<Stream*>(h)->file->size();
}

[[noreturn]] void fail(const FileBytes& file, const TiffPage& page, std::uint32_t index, const TiffBlock& b,
                       const std::string& reason) {
  throw InputError(file.name(), fmt::format("{}: {} {} at x {}, y {} ({}) is damaged: {}; copy or export it again",
                                            page.label, page.tiled ? "tile" : "strip", index + 1, b.x, b.y,
                                            compression_name(page.compression), reason));
}

/// An empty block of the page with the size it will have.
TiffBlock outline(const TiffPage& page, std::uint32_t x, std::uint32_t y, std::uint32_t block_height) {
  TiffBlock b;
  b.x = x / page.block_width * page.block_width;
  b.y = y / block_height * block_height;
  b.width = std::min(page.block_width, page.width - b.x);
  b.height = std::min(block_height, page.height - b.y);
  const std::uint64_t samples = page.planar ? 1 : page.samples;
  b.row_bytes = (std::uint64_t{page.block_width} * page.bits * samples + 7) / 8;
  return b;
}

bool is_one_plain_strip(const TiffPage& page) {
  return page.compression == tiff::kNone && !page.tiled && !page.planar && page.block_height >= page.height;
}

std::uint32_t block_index(const TiffPage& page, const TiffBlock& b, std::uint32_t block_height, std::uint32_t plane) {
  const std::uint32_t across = (page.width + page.block_width - 1) / page.block_width;
  const std::uint32_t down = (page.height + block_height - 1) / block_height;
  return plane * across * down + b.y / block_height * across + b.x / page.block_width;
}

}  // namespace

/// libtiff's view of one page.
class TiffDecoder::Handle {
 public:
  Handle(const FileBytes& file, const TiffPage& page) : stream_{&file, 0, nullptr} {
    const std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions*)> options(TIFFOpenOptionsAlloc(),
                                                                               TIFFOpenOptionsFree);
    TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kMaxSingleAllocation);
    TIFFOpenOptionsSetErrorHandlerExtR(options.get(), on_error, &messages_);
    TIFFOpenOptionsSetWarningHandlerExtR(options.get(), on_warning, &messages_);
    // h: header only, the page is chosen by offset; C: a large uncompressed strip is read in pieces.
    tiff_.reset(TIFFClientOpenExt(file.path().filename().c_str(), "rhC", &stream_, read_stream, refuse_write,
                                  seek_stream, close_stream, stream_size, nullptr, nullptr, options.get()));
    if (!tiff_ || TIFFSetSubDirectory(tiff_.get(), page.offset) != 1)
      throw InputError(file.name(), fmt::format("{}: libtiff cannot read its directory ({})", page.label, reason()));
    if (page.compression == tiff::kJpeg && page.photometric == tiff::kYCbCr)
      TIFFSetField(tiff_.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    block_height_ = page.block_height;
    if (!page.tiled) {  // libtiff may cut a strip in pieces
      std::uint32_t rows = 0;
      TIFFGetFieldDefaulted(tiff_.get(), TIFFTAG_ROWSPERSTRIP, &rows);
      block_height_ = std::clamp<std::uint32_t>(rows, 1, page.height);
    }
  }

  std::uint32_t block_height() const { return block_height_; }

  /// Returns: what is wrong with the block; empty: nothing.
  std::string decode(const TiffPage& page, std::uint32_t index, TiffBlock& b) {
    messages_ = {};
    const auto wanted = static_cast<tmsize_t>(b.bytes.size());
    const tmsize_t n = page.tiled ? TIFFReadEncodedTile(tiff_.get(), index, b.bytes.data(), wanted)
                                  : TIFFReadEncodedStrip(tiff_.get(), index, b.bytes.data(), wanted);
    if (stream_.failure) std::rethrow_exception(stream_.failure);
    if (is_want_of_memory(messages_.error)) throw OutOfMemory(b.bytes.size(), "libtiff");
    return n == wanted && messages_.error.empty() && messages_.damage.empty() ? std::string() : reason();
  }

 private:
  std::string reason() const {
    if (!messages_.error.empty()) return messages_.error;
    return messages_.damage.empty() ? "it holds fewer pixels than it should" : messages_.damage;
  }

  struct Close {
    void operator()(TIFF* t) const { TIFFClose(t); }
  };
  Messages messages_;
  Stream stream_;
  std::unique_ptr<TIFF, Close> tiff_;
  std::uint32_t block_height_ = 0;
};

TiffDecoder::TiffDecoder(const FileBytes& file, DamagedTiles damaged_tiles)
    : file_(file), damaged_tiles_(damaged_tiles) {}
TiffDecoder::~TiffDecoder() = default;

TiffDecoder::Handle& TiffDecoder::handle(const TiffPage& page) {
  auto& slot = handles_[page.offset];
  if (!slot) {
    auto made = std::make_unique<Handle>(file_, page);
    if (handles_.size() > kMaxHandles) {
      handles_.clear();
      return *(handles_[page.offset] = std::move(made));
    }
    slot = std::move(made);
  }
  return *slot;
}

std::uint32_t TiffDecoder::block_height(const TiffPage& page) {
  if (has_raw_path(page)) return page.block_height;
  // One strip that is not there is no reason to hold a whole page of zeros.
  if (is_one_plain_strip(page) && cannot_be_there(page, 0)) return std::min(page.block_height, kRowsOfNothing);
  return handle(page).block_height();
}

bool TiffDecoder::cannot_be_there(const TiffPage& page, std::uint32_t index) const {
  if (page.block_problem.empty()) return false;  // the pre-scan found all blocks in their place
  if (is_one_plain_strip(page)) index = 0;       // of which blocks are pieces
  return !block_problem(page, index, block_place(file_, page, index), file_.size()).empty();
}

// Returns: what is wrong with the block; empty: nothing.
std::string TiffDecoder::decode(const TiffPage& page, std::uint32_t index, TiffBlock& block) {
  if (has_raw_path(page)) {
    const auto outcome = raw_.read(file_, page, index, block.row_bytes, block.bytes);
    if (outcome == RawBlockReader::Outcome::decoded) return {};
    if (outcome == RawBlockReader::Outcome::damaged) return raw_.reason();
  }
  std::string wrong = handle(page).decode(page, index, block);
  if (!wrong.empty()) handles_.erase(page.offset);  // whatever state it is in, the next block must not see it
  return wrong;
}

const TiffBlock& TiffDecoder::block_at(const TiffPage& page, std::uint32_t x, std::uint32_t y, std::uint32_t plane) {
  const std::uint32_t rows = block_height(page);
  TiffBlock block = outline(page, x, y, rows);
  const Key key{page.offset, block_index(page, block, rows, plane)};
  if (const auto it = found_.find(key); it != found_.end()) {
    recent_.splice(recent_.begin(), recent_, it->second);
    return recent_.front().block;
  }
  const std::size_t bytes = block.row_bytes * (page.tiled ? rows : block.height);
  forget_beyond(kMaxCachedBytes > bytes ? kMaxCachedBytes - bytes : 0);
  if (spare_.capacity() > 2 * bytes) spare_ = {};
  block.bytes = std::move(spare_);  // mostly of this size: nothing to allocate or to clear
  block.bytes.resize(bytes);
  if (cannot_be_there(page, key.second)) {
    block.damaged = true;
  } else if (const std::string wrong = decode(page, key.second, block); !wrong.empty()) {
    if (damaged_tiles_ == DamagedTiles::error) fail(file_, page, key.second, block, wrong);
    block.damaged = true;
  }
  if (block.damaged) std::fill(block.bytes.begin(), block.bytes.end(), std::uint8_t{0});
  cached_bytes_ += bytes;
  recent_.push_front({key, std::move(block)});
  found_[key] = recent_.begin();
  return recent_.front().block;
}

void TiffDecoder::forget_beyond(std::size_t bytes) {
  while (!recent_.empty() && cached_bytes_ > bytes) {
    spare_ = std::move(recent_.back().block.bytes);
    cached_bytes_ -= spare_.size();
    found_.erase(recent_.back().key);
    recent_.pop_back();
  }
}

}  // namespace hexaplex
