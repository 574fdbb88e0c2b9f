#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernels/runtime/host_plane.h"
#include "kernels/runtime/plane.h"

namespace hexaplex {

enum class SampleType { uint8, uint16, uint32, int8, int16, int32, float32 };

/// What a file says about one channel. Empty or absent: the file does not say.
struct SlideChannel {
  std::string name;         ///< what a panel finds it by: the component, biomarker, OME channel or file name
  std::string fluorophore;  ///< where the file tells it apart from the name
  std::optional<double> excitation_nm, emission_nm, exposure_ms;
};

/// A spectrum stored inside the slide (inForm keeps its library in page 0).
struct EmbeddedSpectrum {
  std::string name;
  std::vector<float> values;           ///< one per band, in the order of the file
  std::vector<double> wavelengths_nm;  ///< of the bands; empty where the file does not say
  std::vector<float> exposures;        ///< of the bands, in the file's unit; empty where the file does not say
};

/// What becomes of a tile or strip of a TIFF that is missing or cannot be decoded.
enum class DamagedTiles {
  error,          ///< opening or reading ends in an InputError
  not_assessable  ///< it reads as 0, and read_scanned and damaged_tiles tell where: nothing there may be counted
};

/// How a slide is opened.
struct OpenOptions {
  DamagedTiles damaged_tiles = DamagedTiles::error;  ///< TIFF of any format alone; in others damage is always an error
};

/// What a file holds, without its pixels.
struct SlideInfo {
  std::filesystem::path path;
  /// Further files that the content comes from, beside `path` or in a folder beside it: the other files of an OME-TIFF
  /// set and the one that describes it, what a MIRAX, VMS or VMU slide is made of. Whoever hashes or watches the slide
  /// must take them with it. Empty: all is in `path`; the files of a folder of channels are its own.
  std::vector<std::filesystem::path> companions;
  OpenOptions opened;  ///< a further reader of the slide must be opened alike
  std::string format;  ///< "inForm component data", "OME-TIFF", "QPTIFF", "Aperio SVS", "ImageJ TIFF", "TIFF", "PNG",
                       ///< "JPEG", "folder of TIFFs", "Hamamatsu", "MIRAX", "Leica SCN" and what else OpenSlide knows
  Extent extent{};     ///< full resolution
  Extent block{};      ///< in which pixels are stored: a tile, or width x rows of a strip; 0 x 0: not known
  /// µm; absent where the file gives none, or one outside 0.05..5 (a printer's 72 px per inch, say).
  std::optional<double> um_per_px_x, um_per_px_y;
  SampleType sample_type = SampleType::uint8;
  int significant_bits = 8;
  bool rgb = false;  ///< three channels of one brightfield picture
  int z_count = 1;
  std::vector<SlideChannel> channels;
  /// Full resolution first, then each smaller one. Every channel and z plane has each of them.
  std::vector<Extent> levels;
  std::string compression;  ///< "none", "LZW", "Deflate", "JPEG", "zstd", "PNG", "by OpenSlide"
  std::vector<EmbeddedSpectrum> spectra;
  std::vector<std::string> associated;  ///< "thumbnail", "label", "macro": present, never read or copied
  std::vector<std::string> warnings;    ///< sentences for people
};

/// A tile or strip that could not be read.
struct DamagedTile {
  Rect place;                 ///< inside the slide, in pixels of the level
  std::vector<int> channels;  ///< that it holds, of those asked for, ascending
  bool operator==(const DamagedTile&) const = default;
};

/// An open slide. Pixels are read by window, so that a slide never has to fit into memory.
/// One object serves one thread at a time; open the slide again for another thread.
class Slide {
 public:
  virtual ~Slide() = default;
  Slide(const Slide&) = delete;
  Slide& operator=(const Slide&) = delete;

  const SlideInfo& info() const { return info_; }

  /// Reads a window of one channel.
  ///
  /// @param channel  0 .. channels.size() - 1
  /// @param z        0 .. z_count - 1
  /// @param window   inside levels[level], in its pixels
  /// @param dst      window's extent; integers become the same float (32-bit integers round to nearest)
  /// @param level    0 (full resolution) .. levels.size() - 1; coarser ones are as the writer of the file made them
  /// Throws: InputError where the file is damaged or a float is not finite (says channel, x, y); never black pixels,
  ///         unless DamagedTiles::not_assessable was asked for.
  ///         InvalidArgument for an argument out of range.
  void read(int channel, int z, Rect window, Plane<float> dst, int level = 0);

  /// The same for samples of 8 or 16 bits without sign, kept as they are. Throws InvalidArgument for other sample
  /// types.
  void read(int channel, int z, Rect window, Plane<std::uint16_t> dst, int level = 0);

  /// Which pixels of a window hold something in all of the channels: 1; or 0, and what is measured must not count them.
  /// That is where the scanner left the glass out, in whole slides read through OpenSlide (read gives their background
  /// colour there), and where damaged_tiles are. Throws as read does.
  void read_scanned(std::span<const int> channels, int z, Rect window, Plane<std::uint8_t> dst, int level = 0);

  /// Tiles and strips that reach into a window and could not be read, in no order; none unless the slide was opened
  /// with DamagedTiles::not_assessable. What is told depends on the file alone, not on what was read before. Decodes
  /// what it has not kept from reading. Throws as read does.
  std::vector<DamagedTile> damaged_tiles(std::span<const int> channels, int z, Rect window, int level = 0);

 protected:
  Slide() = default;

  /// What the formats do once the arguments are checked and the window is not empty.
  virtual void read_level(int level, int channel, int z, Rect window, Plane<float> dst) = 0;
  virtual void read_level(int level, int channel, int z, Rect window, Plane<std::uint16_t> dst) = 0;

  virtual void read_scanned_level(int level, Rect window, Plane<std::uint8_t> dst);

  virtual std::vector<DamagedTile> damaged_in_level(int level, std::span<const int> channels, int z, Rect window);

  /// Throws InvalidArgument unless channel, z, level and window are there and `dst` is the window's size.
  void check_read(int level, int channel, int z, Rect window, Extent dst) const;

  SlideInfo info_;
};

/// Opens a slide of any supported format: a TIFF of any kind, a PNG or JPEG picture, or a folder with one TIFF per
/// channel. The format is found from the content, not the suffix. Throws InputError, with the mend, for what cannot be
/// read.
std::unique_ptr<Slide> open_slide(const std::filesystem::path& path, const OpenOptions& options = {});

/// Label masks as `--labels` takes them, any integer type, values kept exactly.
struct LabelPages {
  std::vector<HostPlane<std::uint32_t>> pages;
  std::vector<std::string> names;  ///< what a page says it is ("Nucleus", "Cytoplasm", "Membrane", ...), or empty
};

/// Reads every full-size page of a mask. Throws InputError for a float mask, a negative label, or a damaged file.
LabelPages read_label_pages(const std::filesystem::path& path);

/// SlideInfo::companions of a label mask, which may be a set of files as well. Throws InputError as read_label_pages
/// does before it reads pixels.
std::vector<std::filesystem::path> companions_of_labels(const std::filesystem::path& path);

/// S of a result folder DIR/S: the name without .ome.tif, .tif, .tiff, .qptiff, .svs and the like; a folder's own name.
std::string slide_stem(const std::filesystem::path& path);

}  // namespace hexaplex
