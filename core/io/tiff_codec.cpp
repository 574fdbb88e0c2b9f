#include "core/io/tiff_codec.h"

#include <fmt/format.h>

#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

std::string photometric_name(std::uint32_t photometric) {
  switch (photometric) {
    case 4:
      return "transparency mask";
    case 5:
      return "CMYK or other separated inks";
    case 6:
      return "YCbCr without JPEG compression";
    case 8:
      return "CIE L*a*b*";
    case 9:
      return "ICC L*a*b*";
    case 10:
      return "ITU L*a*b*";
    case 32803:
      return "colour filter array";
    case 32844:
      return "CIE LogL";
    case 32845:
      return "CIE LogLuv";
    default:
      return fmt::format("photometric interpretation {}", photometric);
  }
}

const char* format_name(std::uint32_t format) {
  switch (format) {
    case tiff::kUint:
      return "unsigned integer";
    case tiff::kInt:
      return "signed integer";
    case tiff::kFloat:
      return "floating-point";
    case 5:
      return "complex integer";
    case 6:
      return "complex floating-point";
    default:
      return "unknown";
  }
}

/// Why the samples cannot be decoded, or empty.
std::string sample_problem(const TiffPage& p) {
  const std::string layout = fmt::format("{}-bit {} samples", p.bits, format_name(p.sample_format));
  const bool whole = p.bits == 8 || p.bits == 16 || p.bits == 32;
  const bool known = (p.sample_format == tiff::kUint && (p.bits <= 16 || p.bits == 24 || p.bits == 32)) ||
                     (p.sample_format == tiff::kInt && whole) ||
                     (p.sample_format == tiff::kFloat && (p.bits == 16 || p.bits == 32));
  if (!known) return layout + " are not supported";
  if (p.predictor == 2 && !whole) return "the horizontal predictor with " + layout + " is not supported";
  if (p.predictor == 3 && p.sample_format != tiff::kFloat)
    return "the floating-point predictor with " + layout + " makes no sense";
  if (p.predictor < 1 || p.predictor > 3) return fmt::format("predictor {} is not supported", p.predictor);
  if (p.compression == tiff::kJpeg && (p.bits != 8 || p.sample_format != tiff::kUint))
    return "JPEG compression with " + layout + " is not supported";
  return {};
}

}  // namespace

std::string compression_name(std::uint32_t compression) {
  switch (compression) {
    case 1:
      return "none";
    case 2:
      return "CCITT RLE";
    case 3:
      return "CCITT fax 3";
    case 4:
      return "CCITT fax 4";
    case 5:
      return "LZW";
    case 6:
      return "old-style JPEG";
    case 7:
      return "JPEG";
    case 8:
    case 32946:
      return "Deflate";
    case 32771:
      return "CCITT RLE/W";
    case 32773:
      return "PackBits";
    case 32809:
      return "ThunderScan";
    case 33003:
    case 33005:
    case 34712:
      return "JPEG 2000";
    case 34676:
    case 34677:
      return "SGI LogLuv";
    case 34887:
      return "LERC";
    case 34925:
      return "LZMA";
    case 34933:
      return "PNG";
    case 34934:
    case 22610:
      return "JPEG XR";
    case 50000:
      return "zstd";
    case 50001:
      return "WebP";
    case 50002:
    case 52546:
      return "JPEG XL";
    default:
      return fmt::format("compression {}", compression);
  }
}

std::uint64_t max_expansion(std::uint32_t compression) {
  switch (compression) {
    case tiff::kNone:
      return 1;
    case tiff::kLzw:
      return 4096;  // a 12-bit code stands for a string below 4,096 bytes
    case tiff::kDeflate:
    case tiff::kOldDeflate:
      return 1040;  // 258 bytes for two bits, and some framing
    case tiff::kJpeg:
      return 2048;  // a block of 64 samples takes two bits at least, chroma a quarter of them
    case tiff::kZstd:
      return 65536;  // a run of 128 KiB takes four bytes
    default:
      return 0;
  }
}

std::string unreadable(const TiffPage& p) {
  if (max_expansion(p.compression) == 0) return compression_name(p.compression) + " compression is not supported";
  switch (p.photometric) {
    case tiff::kWhiteIsZero:
    case tiff::kBlackIsZero:
      break;
    case tiff::kRgb:
      if (p.samples < 3) return fmt::format("an RGB page with {} samples is not supported", p.samples);
      break;
    case tiff::kYCbCr:
      if (p.compression != tiff::kJpeg || p.samples != 3 || p.planar)
        return photometric_name(p.photometric) + " is not supported";
      break;
    case tiff::kPalette:
      if (p.samples != 1 || !p.palette_is_ramp)
        return "palette colours, whose numbers are not intensities, are not supported";
      break;
    default:
      return photometric_name(p.photometric) + " is not supported";
  }
  return sample_problem(p);
}

void check_readable(const FileBytes& file, const TiffPage& p) {
  const std::string problem = unreadable(p);
  if (!problem.empty())
    throw InputError(file.name(),
                     fmt::format("{}: {}; save it as plain integer or float channels, uncompressed or with "
                                 "LZW, Deflate or zstd",
                                 p.label, problem));
}

SampleType sample_type(const TiffPage& p) {
  if (p.sample_format == tiff::kFloat) return SampleType::float32;
  if (p.sample_format == tiff::kInt)
    return p.bits == 8 ? SampleType::int8 : p.bits == 16 ? SampleType::int16 : SampleType::int32;
  return p.bits <= 8 ? SampleType::uint8 : p.bits <= 16 ? SampleType::uint16 : SampleType::uint32;
}

}  // namespace hexaplex
