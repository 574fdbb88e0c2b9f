#include "tests/support/core/tiff_builder.h"

#include <unistd.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace hexaplex::test {

namespace {

class Builder {
 public:
  Builder(bool big, bool big_endian) : big_(big), big_endian_(big_endian) {}

  BuiltTiff run(const std::vector<BuiltPage>& pages) {
    Bytes& b = out_.bytes;
    b = {static_cast<std::uint8_t>(big_endian_ ? 'M' : 'I'), static_cast<std::uint8_t>(big_endian_ ? 'M' : 'I')};
    add(big_ ? 43 : 42, 2);
    if (big_) {
      add(8, 2);
      add(0, 2);
    }
    std::size_t link = b.size();
    add(0, offset_bytes());
    for (std::size_t i = 0; i < pages.size(); ++i) {
      const std::size_t at = write_page(pages[i], i);
      out_.put(link, at, offset_bytes(), big_endian_);
      link = out_.next_at.back();
    }
    return std::move(out_);
  }

 private:
  int offset_bytes() const { return big_ ? 8 : 4; }

  void add(std::uint64_t value, int count) {
    const std::size_t at = out_.bytes.size();
    out_.bytes.resize(at + static_cast<std::size_t>(count));
    out_.put(at, value, count, big_endian_);
  }

  static int type_bytes(std::uint16_t type) {
    switch (type) {
      case 1:
      case 2:
      case 7:
        return 1;
      case 3:
        return 2;
      case 5:
      case 16:
      case 18:
        return 8;
      default:
        return 4;
    }
  }

  Bytes encode(const BuiltTag& tag) {
    Bytes kept;
    kept.swap(out_.bytes);
    if (!tag.text.empty()) {
      out_.bytes.assign(tag.text.begin(), tag.text.end());
    } else {
      for (const std::uint64_t v : tag.values) add(v, tag.type == 5 ? 4 : type_bytes(tag.type));
    }
    kept.swap(out_.bytes);
    return kept;
  }

  std::size_t write_page(const BuiltPage& page, std::size_t number) {
    BuiltTag offsets{static_cast<std::uint16_t>(big_ ? 16 : 4), {}, {}}, counts = offsets, levels = offsets;
    for (const Bytes& block : page.blocks) {
      offsets.values.push_back(out_.bytes.size());
      counts.values.push_back(block.size());
      out_.bytes.insert(out_.bytes.end(), block.begin(), block.end());
    }
    for (const BuiltPage& level : page.levels) {
      levels.values.push_back(write_page(level, number + 1000));
      out_.next_at.pop_back();
      out_.directory_at.pop_back();
    }
    std::map<std::uint16_t, BuiltTag> tags = page.tags;
    if (!page.blocks.empty()) {
      tags.emplace(page.tiled ? 324 : 273, offsets);
      tags.emplace(page.tiled ? 325 : 279, counts);
    }
    if (!page.levels.empty()) tags.emplace(330, levels);

    std::map<std::uint16_t, Bytes> encoded;
    std::map<std::uint16_t, std::size_t> placed;
    for (const auto& [tag, value] : tags) {
      encoded[tag] = encode(value);
      if (encoded[tag].size() <= static_cast<std::size_t>(offset_bytes())) continue;
      placed[tag] = out_.bytes.size();
      out_.bytes.insert(out_.bytes.end(), encoded[tag].begin(), encoded[tag].end());
    }
    const std::size_t at = out_.bytes.size();
    out_.directory_at.push_back(at);
    add(tags.size(), big_ ? 8 : 2);
    for (const auto& [tag, value] : tags) {
      out_.entry_at[{number, tag}] = out_.bytes.size();
      const std::size_t count =
          value.text.empty() ? value.values.size() / (value.type == 5 ? 2 : 1) : value.text.size();
      add(tag, 2);
      add(value.type, 2);
      add(count, offset_bytes());
      if (const auto it = placed.find(tag); it != placed.end()) {
        add(it->second, offset_bytes());
      } else {
        Bytes field = encoded[tag];
        field.resize(static_cast<std::size_t>(offset_bytes()));
        out_.bytes.insert(out_.bytes.end(), field.begin(), field.end());
      }
    }
    out_.next_at.push_back(out_.bytes.size());
    add(0, offset_bytes());
    return at;
  }

  bool big_, big_endian_;
  BuiltTiff out_;
};

}  // namespace

void BuiltTiff::put(std::size_t at, std::uint64_t value, int count, bool big_endian) {
  for (int i = 0; i < count; ++i) {
    const int shift = 8 * (big_endian ? count - 1 - i : i);
    bytes[at + static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(value >> shift);
  }
}

BuiltTiff build_tiff(const std::vector<BuiltPage>& pages, bool big, bool big_endian) {
  return Builder(big, big_endian).run(pages);
}

BuiltPage grey_page(std::uint32_t width, std::uint32_t height, const std::vector<std::uint64_t>& pixels, int bits,
                    std::uint32_t rows_per_strip, bool big_endian) {
  if (rows_per_strip == 0) rows_per_strip = height;
  BuiltPage page;
  page.set(256, width).set(257, height).set(258, static_cast<std::uint64_t>(bits), 3).set(259, 1, 3).set(262, 1, 3);
  page.set(277, 1, 3).set(278, rows_per_strip);
  for (std::uint32_t y = 0; y < height; ++y) {
    if (y % rows_per_strip == 0) page.blocks.emplace_back();
    for (std::uint32_t x = 0; x < width; ++x) {
      const std::uint64_t v = pixels.at(y * width + x);
      for (int i = 0; i < bits / 8; ++i)
        page.blocks.back().push_back(static_cast<std::uint8_t>(v >> (8 * (big_endian ? bits / 8 - 1 - i : i))));
    }
  }
  return page;
}

Bytes file_bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(in), {});
}

}  // namespace hexaplex::test
