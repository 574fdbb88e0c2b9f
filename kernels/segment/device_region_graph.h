#pragma once

#include <cstdint>
#include <memory>

#include "kernels/runtime/work_buffer.h"
#include "kernels/segment/contact_table.h"
#include "kernels/segment/merge.h"
#include "kernels/segment/region_graph.h"

namespace hexaplex {

// The region graph where the labels are: in the memory of a queue. Table operators have host forms (region_graph.h,
// merge.h) that work on sorted tables; these are the forms for labels that never leave the device. Their chains
// (region_graph_chain.h, merge_chain.h) run on a CpuQueue too, where the tests hold them against the host forms.

/// RegionGraph in the memory of a queue of type Q. Contacts stay in the hash table that they were collected in: each
/// pair once, in slots that no result may depend on, between free ones; at most two thirds are in use.
template <class Q>
struct DeviceRegionGraph {
  WorkBuffer<RegionSums, Q> regions;  ///< by label; entry 0 is unused
  WorkBuffer<ContactSlot, Q> contacts;
};

/// The same graph on the host, contacts in order. Waits for the queue.
template <class Q>
RegionGraph fetch_graph(const Q& q, const DeviceRegionGraph<Q>& graph) {
  RegionGraph out;
  out.regions.resize(graph.regions.size());
  fetch(q, graph.regions.data(), out.regions.data(), out.regions.size());
  HostVector<ContactSlot> slots(graph.contacts.size());
  fetch(q, graph.contacts.data(), slots.data(), slots.size());
  for (const ContactSlot& slot : slots)
    if (slot.key != 0) out.contacts.push_back(slot.contact());
  aggregate_contacts(out.contacts);
  return out;
}

namespace detail {
template <class Q>
class RegionGraphChain;
}

#if HX_WITH_CUDA
/// What RegionGraphBuilder makes of a whole image, in one call.
///
/// @param labels   1 .. regions, 0 = background; on the device
/// @param images   on the device; labels' extent
/// @param regions  at most 2^32 - 2
/// CUDA:    every image is read once, 10 bytes a pixel. Tiles gather their regions and pairs of labels in shared
/// memory;
///          then 64-bit integer atomics by label, and a hash table of pairs that grows until all fit
/// Memory:  72 bytes a region, and 48 for each contact that the table has room for: three a region, or what the pixels
///          can begin; more where regions lie in pieces that touch more others
/// Result:  the host's, bit for bit, once fetched; waits for the queue
/// Throws:  InvalidArgument (a label above `regions`, extents that differ); OutOfMemory; DeviceError
DeviceRegionGraph<CudaQueue> region_graph_of(const CudaQueue& q, Plane<const std::uint32_t> labels,
                                             const RegionImages& images, std::size_t regions);

/// The same tile by tile, in any order: RegionGraphBuilder on the device, for calls of one thread.
class DeviceRegionGraphBuilder {
 public:
  DeviceRegionGraphBuilder(const CudaQueue& q, std::size_t regions);
  ~DeviceRegionGraphBuilder();
  DeviceRegionGraphBuilder(DeviceRegionGraphBuilder&&) noexcept;

  /// As RegionGraphBuilder::add, with all planes on the device. Waits for the queue. After an error the builder may
  /// hold part of a tile: start again.
  void add(Rect core, Plane<const std::uint32_t> labels, const RegionImages& images, int x0, int y0);

  /// The graph; the builder is spent afterwards.
  DeviceRegionGraph<CudaQueue> finish();

 private:
  std::unique_ptr<detail::RegionGraphChain<CudaQueue>> chain_;
};

/// merge_regions, on a graph that lies on the device.
///
/// @param graph  as region_graph_of leaves it; left merged
/// @return       by label, on the device
/// CUDA:    every region's best contact by atomic maxima and minima over 64-bit keys: nothing is sorted. Four launches
/// a
///          round, the last of which renames contacts into a second table; rounds after one that merged nothing return
///          at once
/// Memory:  60 bytes a region, and 48 for each slot of the graph's table
/// Result:  the host's, bit for bit; waits for the queue at the end, and in between after every sixteenth round
/// Throws:  InvalidArgument (as merge_regions); OutOfMemory; DeviceError
DeviceBuffer<std::uint32_t> merge_regions_on(const CudaQueue& q, DeviceRegionGraph<CudaQueue>& graph,
                                             const MergeParams& p);

/// own_levels, on the device; returns before completion.
DeviceBuffer<std::uint16_t> own_levels_on(const CudaQueue& q, const DeviceRegionGraph<CudaQueue>& graph,
                                          const DeviceBuffer<std::uint32_t>& into);
#endif

}  // namespace hexaplex
