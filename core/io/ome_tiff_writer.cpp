#include "core/io/ome_tiff_writer.h"

#include <fmt/format.h>
#include <libdeflate.h>
#include <tiffio.h>

#include <algorithm>
#include <cstdarg>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

#include "core/report/text.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

constexpr int kTile = 512;

// libtiff calls these; an exception cannot pass through C, so it is kept and rethrown by the caller.
struct Stream {
  OutputFile& file;
  std::exception_ptr error;

  template <class F>
  auto guard(F f, decltype(f()) on_error) {
    try {
      return f();
    } catch (...) {
      if (!error) error = std::current_exception();
      return on_error;
    }
  }
};
Stream& stream_of(thandle_t handle) {
  return *static_cast<Stream*>(handle);
}
tmsize_t read_stream(thandle_t h, void* data, tmsize_t bytes) {
  Stream& s = stream_of(h);
  return s.guard([&] { return static_cast<tmsize_t>(s.file.read(data, static_cast<std::size_t>(bytes))); }, -1);
}
tmsize_t write_stream(thandle_t h, void* data, tmsize_t bytes) {
  Stream& s = stream_of(h);
  return s.guard(
      [&] {
        s.file.write(data, static_cast<std::size_t>(bytes));
        return bytes;
      },
      -1);
}
toff_t seek_stream(thandle_t h, toff_t offset, int whence) {
  Stream& s = stream_of(h);
  return s.guard([&] { return static_cast<toff_t>(s.file.seek(static_cast<std::int64_t>(offset), whence)); },
                 static_cast<toff_t>(-1));
}
int close_stream(thandle_t) {
  return 0;
}
toff_t size_stream(thandle_t h) {
  return stream_of(h).file.size();
}

// libtiff prints its errors unless it is told not to.
class Options {
 public:
  Options() : options_(TIFFOpenOptionsAlloc(), TIFFOpenOptionsFree) {
    TIFFOpenOptionsSetErrorHandlerExtR(options_.get(), quiet, nullptr);
    TIFFOpenOptionsSetWarningHandlerExtR(options_.get(), quiet, nullptr);
  }
  TIFFOpenOptions* get() const { return options_.get(); }

 private:
  static int quiet(TIFF*, void*, const char*, const char*, va_list) { return 1; }
  std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions*)> options_;
};

class TiffWriter {
 public:
  explicit TiffWriter(OutputFile& file) : stream_{file, nullptr} {
    const Options options;
    tiff_.reset(TIFFClientOpenExt(file.path().c_str(), "w8", &stream_, read_stream, write_stream, seek_stream,
                                  close_stream, size_stream, nullptr, nullptr, options.get()));
    check(tiff_ != nullptr);
  }
  // What a step of libtiff says. Its own word for a full disk is lost, so the stream's error goes first.
  void check(bool ok) {
    if (stream_.error) std::rethrow_exception(stream_.error);
    if (!ok) throw OutputError(stream_.file.path().string(), "libtiff could not write it; is the disk full?");
  }
  template <class... Values>
  void set(std::uint32_t tag, Values... values) {
    check(TIFFSetField(tiff_.get(), tag, values...) == 1);
  }
  TIFF* get() { return tiff_.get(); }
  void close() {
    check(TIFFFlush(tiff_.get()) == 1);
    tiff_.reset();
    check(true);
  }

 private:
  struct Close {
    void operator()(TIFF* t) const { TIFFClose(t); }
  };
  Stream stream_;
  std::unique_ptr<TIFF, Close> tiff_;
};

Extent level_extent(Extent full, int level) {
  const int step = 1 << level;
  return {(full.width + step - 1) / step, (full.height + step - 1) / step};
}

// One tile of a level, taken from every 2^level-th pixel; what lies outside the image is 0.
template <class T>
void fill_tile(const Plane<const T>& full, int level, int x0, int y0, std::vector<T>& tile) {
  const Extent extent = level_extent(full.extent, level);
  std::fill(tile.begin(), tile.end(), T{});
  const int width = std::min(kTile, extent.width - x0), height = std::min(kTile, extent.height - y0);
  for (int y = 0; y < height; ++y) {
    const T* row = full.row((y0 + y) << level);
    T* out = tile.data() + static_cast<std::size_t>(y) * kTile;
    if (level == 0)
      std::memcpy(out, row + x0, static_cast<std::size_t>(width) * sizeof(T));
    else
      for (int x = 0; x < width; ++x) out[x] = row[static_cast<std::ptrdiff_t>(x0 + x) << level];
  }
}

std::string deflate(const void* data, std::size_t bytes) {
  constexpr int kLevel = 3;
  const std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)> compressor(
      libdeflate_alloc_compressor(kLevel), libdeflate_free_compressor);
  if (!compressor) throw std::bad_alloc();
  std::string out(libdeflate_zlib_compress_bound(compressor.get(), bytes), '\0');
  out.resize(libdeflate_zlib_compress(compressor.get(), data, bytes, out.data(), out.size()));
  return out;
}

template <class T>
void write_level(const CpuQueue& q, TiffWriter& tiff, const Plane<const T>& full, int level) {
  const Extent extent = level_extent(full.extent, level);
  const int across = (extent.width + kTile - 1) / kTile, down = (extent.height + kTile - 1) / kTile;
  const std::int64_t count = static_cast<std::int64_t>(across) * down;
  constexpr std::int64_t kTilesAtOnce = 64;
  std::vector<std::string> packed(static_cast<std::size_t>(std::min(count, kTilesAtOnce)));
  for (std::int64_t first = 0; first < count; first += kTilesAtOnce) {
    const std::int64_t now = std::min(kTilesAtOnce, count - first);
    for_each_band(q, now, 1, [&](std::int64_t begin, std::int64_t end) {
      std::vector<T> tile(static_cast<std::size_t>(kTile) * kTile);
      for (std::int64_t i = begin; i < end; ++i) {
        const std::int64_t t = first + i;
        fill_tile(full, level, static_cast<int>(t % across) * kTile, static_cast<int>(t / across) * kTile, tile);
        packed[static_cast<std::size_t>(i)] = deflate(tile.data(), tile.size() * sizeof(T));
      }
    });
    for (std::int64_t i = 0; i < now; ++i) {
      std::string& bytes = packed[static_cast<std::size_t>(i)];
      const auto size = static_cast<tmsize_t>(bytes.size());
      tiff.check(TIFFWriteRawTile(tiff.get(), static_cast<std::uint32_t>(first + i), bytes.data(), size) == size);
    }
  }
}

template <class T>
std::string ome_xml(std::span<const OmeChannel<T>> channels, const OmeTiffOptions& options) {
  const Extent extent = channels.front().pixels.extent;
  std::string um;
  append_number(um, options.um_per_px);
  std::string xml = fmt::format(
      R"(<?xml version="1.0" encoding="UTF-8"?>)"
      R"(<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" )"
      R"(xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" )"
      R"(xsi:schemaLocation="http://www.openmicroscopy.org/Schemas/OME/2016-06 )"
      R"(http://www.openmicroscopy.org/Schemas/OME/2016-06/ome.xsd" Creator="{}">)"
      R"(<Image ID="Image:0" Name="{}"><Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="{}" BigEndian="{}" )"
      R"(SizeX="{}" SizeY="{}" SizeC="{}" SizeZ="1" SizeT="1" PhysicalSizeX="{}" PhysicalSizeXUnit="µm" )"
      R"(PhysicalSizeY="{}" PhysicalSizeYUnit="µm">)",
      markup_text(options.software), markup_text(options.image_name), std::is_same_v<T, float> ? "float" : "uint32",
      __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? "true" : "false", extent.width, extent.height, channels.size(), um, um);
  for (std::size_t c = 0; c < channels.size(); ++c)
    xml +=
        fmt::format(R"(<Channel ID="Channel:0:{}" Name="{}" SamplesPerPixel="1"/>)", c, markup_text(channels[c].name));
  for (std::size_t c = 0; c < channels.size(); ++c)
    xml += fmt::format(R"(<TiffData FirstC="{}" FirstZ="0" FirstT="0" IFD="{}" PlaneCount="1"/>)", c, c);
  return xml + "</Pixels></Image></OME>";
}

template <class T>
void write_pyramid(const CpuQueue& q, OutputFile& file, std::span<const OmeChannel<T>> channels,
                   const OmeTiffOptions& options) {
  static_assert(sizeof(T) == 4);
  HX_EXPECT(!channels.empty(), "an image needs a channel");
  const Extent full = channels.front().pixels.extent;
  HX_EXPECT(!full.empty(), "an image needs pixels");
  for (const auto& c : channels) HX_EXPECT(c.pixels.extent == full, "the channels of an image have one extent");
  const int levels = pyramid_levels(full);
  const std::string description = ome_xml(channels, options);
  TiffWriter tiff(file);
  for (std::size_t c = 0; c < channels.size(); ++c)
    for (int level = 0; level < levels; ++level) {
      const Extent extent = level_extent(full, level);
      tiff.set(TIFFTAG_SUBFILETYPE, level == 0 ? 0 : FILETYPE_REDUCEDIMAGE);
      tiff.set(TIFFTAG_IMAGEWIDTH, extent.width);
      tiff.set(TIFFTAG_IMAGELENGTH, extent.height);
      tiff.set(TIFFTAG_BITSPERSAMPLE, 32);
      tiff.set(TIFFTAG_SAMPLEFORMAT, std::is_same_v<T, float> ? SAMPLEFORMAT_IEEEFP : SAMPLEFORMAT_UINT);
      tiff.set(TIFFTAG_SAMPLESPERPIXEL, 1);
      tiff.set(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
      tiff.set(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
      tiff.set(TIFFTAG_COMPRESSION, COMPRESSION_ADOBE_DEFLATE);
      tiff.set(TIFFTAG_TILEWIDTH, kTile);
      tiff.set(TIFFTAG_TILELENGTH, kTile);
      if (options.um_per_px > 0) {
        const double per_cm = 1e4 / (options.um_per_px * (1 << level));
        tiff.set(TIFFTAG_RESOLUTIONUNIT, RESUNIT_CENTIMETER);
        tiff.set(TIFFTAG_XRESOLUTION, per_cm);
        tiff.set(TIFFTAG_YRESOLUTION, per_cm);
      }
      if (level == 0) {
        if (c == 0) {
          tiff.set(TIFFTAG_IMAGEDESCRIPTION, description.c_str());
          tiff.set(TIFFTAG_SOFTWARE, options.software.c_str());
        }
        // The directories that follow become the levels of this one.
        const std::vector<toff_t> none(static_cast<std::size_t>(levels - 1), 0);
        if (levels > 1) tiff.set(TIFFTAG_SUBIFD, static_cast<std::uint16_t>(levels - 1), none.data());
      }
      write_level(q, tiff, channels[c].pixels, level);
      tiff.check(TIFFWriteDirectory(tiff.get()) == 1);
    }
  tiff.close();
}

}  // namespace

int pyramid_levels(Extent extent) {
  int levels = 1;
  while (level_extent(extent, levels - 1).width > kTile || level_extent(extent, levels - 1).height > kTile) ++levels;
  return levels;
}

void write_ome_tiff(const CpuQueue& q, OutputFile& file, std::span<const OmeChannel<std::uint32_t>> channels,
                    const OmeTiffOptions& options) {
  write_pyramid(q, file, channels, options);
}

void write_ome_tiff(const CpuQueue& q, OutputFile& file, std::span<const OmeChannel<float>> channels,
                    const OmeTiffOptions& options) {
  write_pyramid(q, file, channels, options);
}

void verify_ome_tiff(const std::filesystem::path& path, int channels, Extent extent) {
  const auto broken = [&](const std::string& what) {
    throw OutputError(path.string(), "does not read back (" + what + "); is the disk full or failing?");
  };
  const Options options;
  const std::unique_ptr<TIFF, void (*)(TIFF*)> tiff(TIFFOpenExt(path.c_str(), "r", options.get()), TIFFClose);
  if (!tiff) broken("it cannot be opened");
  if (static_cast<int>(TIFFNumberOfDirectories(tiff.get())) != channels) broken("directories are missing");
  const int levels = pyramid_levels(extent);
  for (int c = 0; c < channels; ++c) {
    if (!TIFFSetDirectory(tiff.get(), static_cast<tdir_t>(c))) broken("a directory is damaged");
    std::uint16_t count = 0;
    toff_t* offsets = nullptr;
    std::vector<toff_t> levels_at;
    if (TIFFGetField(tiff.get(), TIFFTAG_SUBIFD, &count, &offsets)) levels_at.assign(offsets, offsets + count);
    if (static_cast<int>(levels_at.size()) != levels - 1) broken("levels are missing");
    for (int level = 0; level < levels; ++level) {
      if (level > 0 && !TIFFSetSubDirectory(tiff.get(), levels_at[static_cast<std::size_t>(level - 1)]))
        broken("a level is damaged");
      std::uint32_t width = 0, height = 0;
      TIFFGetField(tiff.get(), TIFFTAG_IMAGEWIDTH, &width);
      TIFFGetField(tiff.get(), TIFFTAG_IMAGELENGTH, &height);
      const Extent expected = level_extent(extent, level);
      if (static_cast<int>(width) != expected.width || static_cast<int>(height) != expected.height)
        broken("a level has another size");
      for (std::uint32_t t = 0; t < TIFFNumberOfTiles(tiff.get()); ++t)
        if (TIFFGetStrileByteCount(tiff.get(), t) == 0) broken("a tile is missing");
    }
  }
}

}  // namespace hexaplex
