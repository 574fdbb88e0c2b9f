#include "core/bench/field_operator.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "core/bench/field_pipeline.h"
#include "kernels/runtime/work_buffer.h"

namespace hexaplex {

namespace {

constexpr int kTilePx = 2048;
constexpr int kStreams = 9;      // tiles at a time on a device
constexpr int kHostStreams = 6;  // the same from the host's memory, where more only queue for the link
constexpr int kPasses = 4;       // over all tiles in a run there, so that a pipeline is seen in its stride

// --- one field, to cells

PreparedOperator prepare_field(const Queue& q, const BenchInput& in) {
  struct State {
    UnmixModel model;
    FieldBands bands;
    FieldLabels labels;
  };
  const SpectralField field = spectral_field(in.extent, in.nucleus_px);
  const auto s = std::make_shared<State>(
      State{field.model, upload_bands(q, field, {0, 0, in.extent.width, in.extent.height}), {}});
  return {{},
          [q, s, in] { s->labels = segment_components(q, unmix_field(q, s->model, s->bands), in); },
          [q, s] { return digest_of(download<std::uint32_t>(q, std::as_const(s->labels.cell).view())); }};
}

// --- tiles

struct Tiles {
  UnmixModel model;
  BenchInput input;
  std::vector<Stream> streams;  // of a device; they outlive what was made on them
  std::vector<Rect> windows;

  Tiles(const Queue& q, const BenchInput& in, const UnmixModel& m, int at_a_time) : model(m), input(in) {
#if HX_WITH_CUDA
    if (const CudaQueue* cuda = std::get_if<CudaQueue>(&q); cuda != nullptr)
      for (int i = 0; i < at_a_time; ++i) streams.emplace_back(cuda->device, FreedMemory::is_kept);
#endif
    (void)q, (void)at_a_time;
    for (int y = 0; y < in.extent.height; y += kTilePx)
      for (int x = 0; x < in.extent.width; x += kTilePx)
        windows.push_back({x, y, std::min(kTilePx, in.extent.width - x), std::min(kTilePx, in.extent.height - y)});
  }

  std::size_t count() const {
    return windows.size();
  }
  int passes() const {
    return streams.empty() ? 1 : kPasses;
  }
  std::size_t turns() const {
    return count() * static_cast<std::size_t>(passes());
  }

  // work(queue, turn) for every pass over every tile, tile turn % count(). Waits.
  template <class Work>
  void for_each(const Work& work) {
    if (streams.empty()) {
      for (std::size_t i = 0; i < count(); ++i) work(Queue(CpuQueue{}), i);
      return;
    }
#if HX_WITH_CUDA
    for_each_on_streams(streams, turns(), [&](std::size_t w, std::size_t turn) {
      const Queue q = streams[w].queue();
      work(q, turn);
      synchronise(q);
    });
#endif
  }
};

PreparedOperator prepare_tiles(const Queue& q, const BenchInput& in) {
  struct State {
    Tiles tiles;
    std::vector<FieldBands> bands;
    std::vector<FieldFound> found;
  };
  const SpectralField field = spectral_field(in.extent, in.nucleus_px);
  const auto s = std::make_shared<State>(State{{q, in, field.model, kStreams}, {}, {}});
  for (const Rect& w : s->tiles.windows) s->bands.push_back(upload_bands(q, field, w));
  s->found.resize(s->tiles.count());
  return {{},
          [s] {
            s->tiles.for_each([&](const Queue& stream, std::size_t turn) {
              const std::size_t i = turn % s->tiles.count();
              FieldFound made = analyse_field(stream, s->tiles.model, s->tiles.input, s->bands[i]);
              if (turn + s->tiles.count() >= s->tiles.turns()) s->found[i] = std::move(made);
            });
          },
          [q, s] {
            std::uint64_t all = 0;
            for (const FieldFound& f : s->found) all = 31 * all + digest_of_found(q, f);
            return all;
          },
          s->tiles.passes()};
}

// --- tiles from the host's memory and back

constexpr int kSumsBytes = 16;  // a pixel, for what is measured of the cells: most take half of that

// Memory of the host that a device copies from and to at full speed; on the CPU any memory.
class HostBlock {
 public:
  HostBlock(const Queue& q, std::size_t bytes) {
#if HX_WITH_CUDA
    if (const CudaQueue* cuda = std::get_if<CudaQueue>(&q); cuda != nullptr) {
      pinned_ = PinnedMemory(cuda->device, bytes);
      next_ = pinned_.data();
      return;
    }
#endif
    (void)q;
    own_ = HostBuffer<std::byte>(CpuQueue{}, bytes);
    next_ = own_.data();
  }
  template <class T>
  Plane<T> take(Extent e) {
    const Plane<T> plane{reinterpret_cast<T*>(next_), e, e.width};
    next_ += static_cast<std::size_t>(e.area()) * sizeof(T);
    return plane;
  }

 private:
  PinnedMemory pinned_;
  HostBuffer<std::byte> own_;
  std::byte* next_ = nullptr;
};

template <class T>
void copy_between(const Queue& q, Plane<const T> from, Plane<T> to) {
#if HX_WITH_CUDA
  if (const CudaQueue* cuda = std::get_if<CudaQueue>(&q); cuda != nullptr) return copy<T>(*cuda, from, to);
#endif
  copy_and_wait<T>(q, from, to);
}

struct HostTiles {
  std::vector<HostBlock> memory;  // before the streams, which end first
  Tiles tiles;
  std::vector<std::vector<Plane<std::uint16_t>>> raw;  // by tile
  std::vector<Plane<std::uint32_t>> nuclei, cells;     // by turn: no two of them write the same place
  std::vector<Plane<std::byte>> sums;                  // by turn: what the cells' table takes up
  std::vector<FieldFound> found;                       // of the last pass

  HostTiles(const Queue& q, const BenchInput& in, const SpectralField& field, bool results)
      : tiles(q, in, field.model, kHostStreams), found(tiles.count()) {
    for (const Rect& w : tiles.windows) {
      HostBlock& block = memory.emplace_back(q, static_cast<std::size_t>(w.area()) * 2 * field.bands.size());
      auto& own = raw.emplace_back();
      for (const auto& band : field.bands) {
        own.push_back(block.take<std::uint16_t>(w.extent()));
        copy_and_wait<std::uint16_t>(Queue(CpuQueue{}), band.view().window(w), own.back());
      }
    }
    for (std::size_t turn = 0; turn < tiles.turns() && results; ++turn) {
      const Extent e = tiles.windows[turn % tiles.count()].extent();
      HostBlock& block = memory.emplace_back(q, static_cast<std::size_t>(e.area()) * (8 + kSumsBytes));
      nuclei.push_back(block.take<std::uint32_t>(e));
      cells.push_back(block.take<std::uint32_t>(e));
      sums.push_back(block.take<std::byte>({e.width, e.height * kSumsBytes}));
    }
  }

  FieldBands send(const Queue& q, std::size_t turn) const {
    FieldBands bands;
    for (const Plane<std::uint16_t>& band : raw[turn % tiles.count()]) {
      bands.emplace_back(q, band.extent);
      copy_between<std::uint16_t>(q, band, bands.back().view());
    }
    return bands;
  }
  void analyse(const Queue& q, std::size_t turn) {
    FieldFound made = analyse_field(q, tiles.model, tiles.input, send(q, turn));
    copy_between<std::uint32_t>(q, made.labels.nucleus.view(), nuclei[turn]);
    copy_between<std::uint32_t>(q, made.labels.cell.view(), cells[turn]);
    made.measures.bring(q, {sums[turn].data, static_cast<std::size_t>(sums[turn].extent.area())});
    if (turn + tiles.count() >= tiles.turns()) found[turn % tiles.count()] = std::move(made);
  }
  std::uint64_t digest(const Queue& q) const {
    std::uint64_t all = 0;
    for (std::size_t i = 0; i < tiles.count(); ++i) {
      const std::size_t turn = tiles.turns() - tiles.count() + i;
      for (const Plane<std::uint32_t>& labels : {nuclei[turn], cells[turn]})
        all = 31 * all +
              digest_of(std::span<const std::uint32_t>(labels.data, static_cast<std::size_t>(labels.extent.area())));
      all ^= digest_of_table(found[i].measures.on_host(q));
    }
    return all;
  }
};

PreparedOperator prepare_host_tiles(const Queue& q, const BenchInput& in) {
  const auto s = std::make_shared<HostTiles>(q, in, spectral_field(in.extent, in.nucleus_px), true);
  return {{},
          [s] { s->tiles.for_each([&](const Queue& stream, std::size_t turn) { s->analyse(stream, turn); }); },
          [q, s] { return s->digest(q); },
          s->tiles.passes()};
}

PreparedOperator prepare_copies(const Queue& q, const BenchInput& in) {
  struct State {
    HostTiles from;
    std::vector<FieldBands> sent;  // in the last pass
  };
  const auto s = std::make_shared<State>(State{{q, in, spectral_field(in.extent, in.nucleus_px), false}, {}});
  s->sent.resize(s->from.tiles.count());
  return {{},
          [s] {
            const Tiles& tiles = s->from.tiles;
            s->from.tiles.for_each([&](const Queue& stream, std::size_t turn) {
              FieldBands bands = s->from.send(stream, turn);
              if (turn + tiles.count() >= tiles.turns()) s->sent[turn % tiles.count()] = std::move(bands);
            });
          },
          [q, s] {
            std::uint64_t all = 0;
            for (const FieldBands& bands : s->sent)
              for (const auto& band : bands) all = 31 * all + digest_of(download<std::uint16_t>(q, band.view()));
            return all;
          },
          s->from.tiles.passes()};
}

}  // namespace

std::vector<BenchOperator> field_bench_operators() {
  return {{"field: unmix to cells", 24, prepare_field},
          {"tiles: unmix to measures", 24, prepare_tiles},
          {"copies: bands to queue", 32, prepare_copies},
          {"tiles: host to host", 24, prepare_host_tiles}};
}

}  // namespace hexaplex
