#include "cli/slide_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <optional>
#include <string_view>

#include "cli/byte_size.h"
#include "cli/device_option.h"
#include "kernels/runtime/device.h"
#include "kernels/runtime/error.h"

namespace hexaplex::cli {

namespace {

constexpr std::int64_t kDefaultMemoryLimit = std::int64_t{1} << 30;

const std::map<std::string, UnmixMethod>& unmixing_names() {
  static const std::map<std::string, UnmixMethod> names{{"non-negative", UnmixMethod::non_negative},
                                                        {"least-squares", UnmixMethod::least_squares}};
  return names;
}

const std::map<std::string, ImageCodec>& codec_names() {
  static const std::map<std::string, ImageCodec> names{{name_of(ImageCodec::deflate), ImageCodec::deflate},
                                                       {name_of(ImageCodec::zstd), ImageCodec::zstd}};
  return names;
}

const std::map<std::string, DamagedTiles>& damage_names() {
  static const std::map<std::string, DamagedTiles> names{{"error", DamagedTiles::error},
                                                         {"not-assessable", DamagedTiles::not_assessable}};
  return names;
}

// "1024" or "640x384"; nothing for anything else.
std::optional<TileShape> parse_tile_size(const std::string& text) {
  const char *p = text.data(), *end = p + text.size();
  TileShape shape;
  auto r = std::from_chars(p, end, shape.width);
  shape.height = shape.width;
  if (r.ec == std::errc() && r.ptr != end && *r.ptr == 'x') r = std::from_chars(r.ptr + 1, end, shape.height);
  if (r.ec != std::errc() || r.ptr != end) return std::nullopt;
  const bool fits = shape.whole() || (shape.width >= 16 && shape.height >= 16);
  return fits ? std::optional(shape) : std::nullopt;
}

// "raster": 0; "shuffled:SEED": the seed; nothing for anything else.
std::optional<std::uint64_t> parse_tile_order(const std::string& text) {
  constexpr std::string_view kShuffled = "shuffled:";
  if (text == "raster") return 0;
  std::uint64_t seed = 0;
  if (text.rfind(kShuffled, 0) != 0) return std::nullopt;
  const char* end = text.data() + text.size();
  const auto r = std::from_chars(text.data() + kShuffled.size(), end, seed);
  return r.ec == std::errc() && r.ptr == end && seed > 0 ? std::optional(seed) : std::nullopt;
}

std::string check_tile_size(const std::string& v) {
  return parse_tile_size(v) ? std::string() : "a tile size is 0, or at least 16, as 1024 or 640x384, not " + v;
}

std::string check_tile_order(const std::string& v) {
  return parse_tile_order(v) ? std::string() : "a tile order is raster, or shuffled:SEED with a seed from 1, not " + v;
}

// "50%": 50; nothing for anything else.
std::optional<int> parse_percent(const std::string& text) {
  int percent = 0;
  const char* end = text.data() + text.size();
  const auto r = std::from_chars(text.data(), end, percent);
  return r.ec == std::errc() && r.ptr + 1 == end && *r.ptr == '%' && percent >= 1 && percent <= 100
             ? std::optional(percent)
             : std::nullopt;
}

std::string check_device_memory(const std::string& v) {
  const bool percent = !v.empty() && v.back() == '%';
  return !percent || parse_percent(v) ? std::string() : "a share of a device's memory is 1% to 100%, not " + v;
}

DeviceChoice device_choice(const SlideArguments& a) {
  DeviceChoice choice;
  choice.mode = a.device == "cpu"    ? DeviceChoice::Mode::cpu
                : a.device == "auto" ? DeviceChoice::Mode::automatic
                                     : DeviceChoice::Mode::cuda;
  if (choice.mode == DeviceChoice::Mode::cuda) choice.index = device_index(a.device);
  if (const auto percent = parse_percent(a.device_memory)) {
    choice.limit_percent = *percent;
  } else if (!a.device_memory.empty()) {
    choice.limit_bytes = parse_byte_size(a.device_memory);
  }
  return choice;
}

}  // namespace

void add_slide_options(CLI::App& command, SlideArguments& a) {
  command.add_option("--panel", a.panel, "Panel file, or the name of a preset (`hexaplex panel list`)")->required();
  command.add_option("--out", a.out, "Folder for the results; a slide S gets OUT/S")->required();
  add_device_option(command, a.device);
  command
      .add_option("--device-memory", a.device_memory,
                  "Device memory to keep within, as 20G, or 50% of all; what does not fit is done in parts, or on the "
                  "CPU. Default: what is free, less a reserve")
      ->check(check_device_memory);
  command.add_option("--threads", a.threads, "CPU threads; 0: all cores")
      ->check(CLI::Range(0, 4096))
      ->capture_default_str();
  command.add_option("--tile-size", a.tile_size, "Tile in pixels, as 1024 or 640x384; 0: untiled. Changes no byte")
      ->check(check_tile_size)
      ->capture_default_str();
  command
      .add_option("--tile-order", a.tile_order,
                  "raster, or shuffled:SEED to see for yourself that the order of tiles changes no byte either")
      ->check(check_tile_order)
      ->capture_default_str();
  command.add_option(
      "--memory-limit", a.memory_limit,
      "Memory to keep within, as 800M or 2G (0: no limit); what does not fit lies on disk, and no byte of "
      "a result changes");
  command.add_option("--scratch", a.scratch, "Folder for what does not fit in memory; default: OUT");
  command.add_option("--um-per-px", a.um_per_px, "Micrometres per pixel, where the file gives none or a wrong one");
  command.add_option("--library", a.library, "Spectral library (CSV) instead of the panel's");
  command.add_option("--classifier", a.classifier,
                     "Classifier of cells that `hexaplex train` made, instead of the panel's");
  command.add_option(
      "--regions", a.regions,
      "Areas drawn on the slide, as GeoJSON from QuPath: only they count, and each class by itself too. A "
      "file, or a folder that has S.geojson for each slide S");
  command.add_option("--z", a.z, "Plane of a z-stack, from 1");
  command
      .add_option_function<std::string>(
          "--unmixing", [&a](const std::string& name) { a.unmixing = unmixing_names().at(name); },
          "How multispectral slides are unmixed; non-negative by default")
      ->check(CLI::IsMember({"non-negative", "least-squares"}));
  command.add_option("--write", a.write, "More files to write: unmixed")
      ->delimiter(',')
      ->check(CLI::IsMember({"unmixed"}));
  command
      .add_option_function<std::string>(
          "--image-codec", [&a](const std::string& name) { a.image_codec = codec_names().at(name); },
          "How labels.ome.tif and unmixed.ome.tif are compressed; deflate by default, which every reader knows, "
          "while zstd writes faster")
      ->check(CLI::IsMember({"deflate", "zstd"}));
  command
      .add_option("--checkpoints", a.checkpoints,
                  "Keep what each stage of a slide has made beside the result until that is there, so that a run that "
                  "died goes on behind its last stage; auto (default): slides of 2^28 pixels and more")
      ->check(CLI::IsMember({"auto", "on", "off"}));
  command
      .add_option_function<std::string>(
          "--damaged-tiles", [&a](const std::string& name) { a.damaged_tiles = damage_names().at(name); },
          "What a missing or damaged tile of a TIFF is: an error (default), or not-assessable, so that the slide is "
          "analysed and nothing near the tile counts")
      ->check(CLI::IsMember({"error", "not-assessable"}));
}

RunOptions run_options(const SlideArguments& a) {
  RunOptions o;
  o.out = a.out;
  o.device = device_choice(a);
  o.tile_px = parse_tile_size(a.tile_size).value();
  o.tile_px.order_seed = parse_tile_order(a.tile_order).value();
  o.um_per_px = a.um_per_px;
  o.z = a.z;
  o.unmixing = a.unmixing;
  if (!a.library.empty()) o.library = a.library;
  if (a.memory_limit != "0")
    o.memory_limit_bytes = a.memory_limit.empty() ? kDefaultMemoryLimit : parse_byte_size(a.memory_limit);
  o.scratch = a.scratch;
  o.image_codec = a.image_codec;
  if (a.checkpoints == "on") o.checkpoint_pixels = 0;
  if (a.checkpoints == "off") o.checkpoint_pixels = std::numeric_limits<std::int64_t>::max();
  o.open.damaged_tiles = a.damaged_tiles;
  for (const std::string& what : a.write) o.write_unmixed |= what == "unmixed";
  return o;
}

std::vector<std::string> as_words(const SlideArguments& a, int jobs) {
  std::vector<std::string> words;
  const auto add = [&words](const char* option, std::string value) {
    words.emplace_back(option);
    words.push_back(std::move(value));
  };
  add("--device", a.device);
  const DeviceChoice device = device_choice(a);
  const int percent = std::max(1, device.limit_percent / jobs);
  if (device.limit_bytes > 0) {
    add("--device-memory", std::to_string(std::max<std::int64_t>(1, device.limit_bytes / jobs)));
  } else if (percent < 100) {
    add("--device-memory", fmt::format("{}%", percent));
  }
  add("--tile-size", a.tile_size);
  add("--tile-order", a.tile_order);
  if (a.um_per_px) add("--um-per-px", fmt::format("{}", *a.um_per_px));
  if (!a.library.empty()) add("--library", a.library);
  if (a.classifier) add("--classifier", *a.classifier);
  if (!a.scratch.empty()) add("--scratch", a.scratch.string());
  if (a.z) add("--z", std::to_string(*a.z));
  for (const auto& [name, method] : unmixing_names())
    if (method == a.unmixing) add("--unmixing", name);
  for (const std::string& what : a.write) add("--write", what);
  add("--image-codec", name_of(a.image_codec));
  add("--checkpoints", a.checkpoints);
  for (const auto& [name, choice] : damage_names())
    if (choice == a.damaged_tiles && choice != DamagedTiles::error) add("--damaged-tiles", name);
  return words;
}

void say_device(const DeviceChoice& choice, const Log& log) {
  if (choice.mode == DeviceChoice::Mode::cpu) return;
  if (choice.mode == DeviceChoice::Mode::automatic)
    if (const std::string why_not = why_no_device(); !why_not.empty()) return log.note("device: CPU (" + why_not + ")");
  const int index = choose_device(choice.index);
  for (const DeviceInfo& info : list_devices())
    if (info.index == index) log.note(fmt::format("device: {} (cuda:{})", info.name, index));
}

void require_some_device(const DeviceChoice& choice) {
  if (choice.mode != DeviceChoice::Mode::cuda) return;
  int count = 0;
  if (!device_api().count_devices(count).ok() || count == 0) throw DeviceError(why_no_device());
}

}  // namespace hexaplex::cli
