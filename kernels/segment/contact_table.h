#pragma once

#include <cstdint>
#include <utility>

#include "kernels/runtime/atomics.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/scan.h"
#include "kernels/runtime/work_buffer.h"
#include "kernels/segment/region_graph.h"

namespace hexaplex::detail {

inline constexpr std::uint64_t kMostContacts = 1u << 30;

/// Sums of one pair of labels in a hash table. No pair has the key 0: labels of contacts are from 1.
struct ContactSlot {
  std::uint64_t key;  ///< first << 32 | second; 0: free
  std::int64_t length, level, wall;
};

HX_HD inline std::uint64_t contact_key(std::uint32_t first, std::uint32_t second) {
  return static_cast<std::uint64_t>(first) << 32 | second;
}

/// How functors see the table: open addressing in memory of the queue. At most half of it is ever in use: a pair that
/// comes when `*used` is beyond that is dropped, and `*used` stays beyond it. So all pairs are held if and only if
/// `*used <= half` at the end, whatever the order they came in.
struct ContactSlots {
  ContactSlot* slots;
  std::uint32_t* used;
  std::uint32_t half;  ///< of the capacity, a power of two

  /// Adds to the slot of a pair, in any order of the two labels.
  HX_HD void add(std::uint32_t a, std::uint32_t b, std::int64_t length, std::int64_t level, std::int64_t wall) const {
    const std::uint64_t key = a < b ? contact_key(a, b) : contact_key(b, a);
    const std::uint64_t mask = 2 * static_cast<std::uint64_t>(half) - 1;
    std::uint64_t at = (key * 0x9e3779b97f4a7c15ull) >> 32;
    for (std::uint64_t probes = 0; probes <= mask; ++probes, ++at) {
      ContactSlot& slot = slots[at & mask];
      std::uint64_t holds = atomic_read(&slot.key);
      if (holds == 0) {
        if (atomic_read(used) > half) return;
        holds = atomic_exchange_if(&slot.key, std::uint64_t{0}, key);
        if (holds == 0) atomic_add(used, std::uint32_t{1});
      }
      if (holds != 0 && holds != key) continue;
      atomic_add(&slot.length, length);
      atomic_add(&slot.level, level);
      atomic_add(&slot.wall, wall);
      return;
    }
  }
};

/// Owns a table.
template <class Q>
class ContactTable {
 public:
  ContactTable() = default;
  /// Holds at least `pairs` pairs.
  ContactTable(const Q& q, std::uint64_t pairs) {
    HX_EXPECT(pairs <= kMostContacts, "more contacts than a table on the device holds");
    while (half_ < pairs) half_ *= 2;
    slots_ = WorkBuffer<ContactSlot, Q>(q, 2 * static_cast<std::size_t>(half_));
    used_ = WorkBuffer<std::uint32_t, Q>(q, 1);
    fill_bytes(q, slots_.data(), 0, slots_.size() * sizeof(ContactSlot));
    fill_bytes(q, used_.data(), 0, sizeof(std::uint32_t));
  }

  ContactSlots slots() const { return {slots_.data(), used_.data(), half_}; }
  std::uint64_t capacity() const { return half_; }
  std::int64_t slot_count() const { return static_cast<std::int64_t>(slots_.size()); }

  /// Pairs in it, or more than `capacity` if some were dropped. Waits.
  std::uint32_t used(const Q& q) const { return slots_.size() == 0 ? 0 : fetch(q, used_.data()); }

 private:
  WorkBuffer<ContactSlot, Q> slots_;
  WorkBuffer<std::uint32_t, Q> used_;
  std::uint32_t half_ = 512;
};

struct MarkUsedSlots {
  const ContactSlot* slots;
  std::uint32_t* place;
  HX_HD void operator()(std::int64_t i) const { place[i] = slots[i].key != 0 ? 1 : 0; }
};

struct GatherContacts {
  const ContactSlot* slots;
  const std::uint32_t* place;
  Contact* contacts;
  HX_HD void operator()(std::int64_t i) const {
    const ContactSlot& s = slots[i];
    if (s.key == 0) return;
    Contact c;
    c.first = static_cast<std::uint32_t>(s.key >> 32);
    c.second = static_cast<std::uint32_t>(s.key);
    c.length = s.length;
    c.level = s.level;
    c.wall = s.wall;
    contacts[place[i]] = c;
  }
};

/// Adds all pairs of one table to another.
struct MoveSlots {
  const ContactSlot* from;
  ContactSlots to;
  HX_HD void operator()(std::int64_t i) const {
    const ContactSlot& s = from[i];
    if (s.key != 0)
      to.add(static_cast<std::uint32_t>(s.key >> 32), static_cast<std::uint32_t>(s.key), s.length, s.level, s.wall);
  }
};

/// The pairs of a table that dropped none, each once, in no order. `used` as the table tells it.
template <class Q>
WorkBuffer<Contact, Q> gather_contacts(const Q& q, const ContactTable<Q>& table, std::uint32_t used) {
  WorkBuffer<Contact, Q> contacts(q, used);
  if (used == 0) return contacts;
  const WorkBuffer<std::uint32_t, Q> place(q, static_cast<std::size_t>(table.slot_count()));
  for_each_index(q, table.slot_count(), MarkUsedSlots{table.slots().slots, place.data()}, "marking contacts");
  exclusive_scan(q, place.data(), table.slot_count());
  for_each_index(q, table.slot_count(), GatherContacts{table.slots().slots, place.data(), contacts.data()},
                 "gathering contacts");
  return contacts;
}

}  // namespace hexaplex::detail
