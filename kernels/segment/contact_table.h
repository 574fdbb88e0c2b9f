#pragma once

#include <cstdint>

#include "kernels/runtime/atomics.h"
#include "kernels/runtime/error.h"
#include "kernels/runtime/work_buffer.h"
#include "kernels/segment/region_graph.h"

namespace hexaplex {

/// Sums of one pair of labels, in a hash table. Which slot a pair has says nothing: it depends on who came first.
struct ContactSlot {
  std::uint64_t key;  ///< first << 32 | second; 0, which no pair has, where the slot is free
  std::int64_t length, level, wall;

  HX_HD std::uint32_t first() const { return static_cast<std::uint32_t>(key >> 32); }
  HX_HD std::uint32_t second() const { return static_cast<std::uint32_t>(key); }
  HX_HD Contact contact() const {
    Contact c;
    c.first = first(), c.second = second();
    c.length = length, c.level = level, c.wall = wall;
    return c;
  }
};

namespace detail {

inline constexpr std::uint64_t kMostContacts = 1u << 30;

/// Slots of a table that holds `pairs` pairs: two thirds are in use at most, so that a search is a few steps.
inline std::size_t slots_for_contacts(std::uint64_t pairs) {
  HX_EXPECT(pairs <= kMostContacts, "more contacts than a table on the device holds");
  return static_cast<std::size_t>(pairs + pairs / 2 + 64);
}

/// The key of two labels in any order.
HX_HD inline std::uint64_t contact_key(std::uint32_t a, std::uint32_t b) {
  return a < b ? static_cast<std::uint64_t>(a) << 32 | b : static_cast<std::uint64_t>(b) << 32 | a;
}

HX_HD inline std::uint32_t contact_hash(std::uint64_t key) {
  return static_cast<std::uint32_t>((key * 0x9e3779b97f4a7c15ull) >> 32);
}

inline constexpr std::uint32_t kNoSlot = 0xffffffffu;

/// How functors see a table: open addressing in memory of the queue.
struct ContactSlots {
  ContactSlot* slots;
  std::uint32_t count;
  std::uint32_t most_steps;  ///< a pair that finds no slot in as many is dropped
  std::uint32_t*
      dropped;  ///< becomes 1 then; all pairs are held if and only if it stays 0, in whatever order they came

  /// The slot of a pair, taken for it if there was none: `fresh` tells. kNoSlot where it is dropped.
  HX_HD std::uint32_t find(std::uint64_t key, bool& fresh) const {
    auto at = static_cast<std::uint32_t>(static_cast<std::uint64_t>(contact_hash(key)) * count >> 32);
    for (std::uint32_t step = 0; step < most_steps; ++step) {
      std::uint64_t holds = atomic_read(&slots[at].key);
      if (holds == 0) holds = atomic_exchange_if(&slots[at].key, std::uint64_t{0}, key);
      fresh = holds == 0;
      if (fresh || holds == key) return at;
      if (++at == count) at = 0;
      if (step % 32 == 31 && dropped != nullptr && atomic_read(dropped) != 0) return kNoSlot;  // in vain already
    }
    if (dropped != nullptr) atomic_max(dropped, std::uint32_t{1});
    return kNoSlot;
  }
  HX_HD void add_at(std::uint32_t at, std::int64_t length, std::int64_t level, std::int64_t wall) const {
    atomic_add(&slots[at].length, length);
    atomic_add(&slots[at].level, level);
    if (wall != 0) atomic_add(&slots[at].wall, wall);
  }
  /// The same for a slot that only one adds to.
  HX_HD void put_at(std::uint32_t at, std::int64_t length, std::int64_t level, std::int64_t wall) const {
    slots[at].length = length, slots[at].level = level, slots[at].wall = wall;
  }
  /// Adds to the slot of a pair; returns whether it is the pair's first.
  HX_HD bool add(std::uint64_t key, std::int64_t length, std::int64_t level, std::int64_t wall) const {
    bool fresh = false;
    const std::uint32_t at = find(key, fresh);
    if (at != kNoSlot) add_at(at, length, level, wall);
    return fresh && at != kNoSlot;
  }
};

/// A search in a table that may be too small ends here: far beyond what two thirds of the slots in use ever ask for.
inline constexpr std::uint32_t kMostContactSteps = 1024;

/// Memory of a table in which all slots are free.
template <class Q>
WorkBuffer<ContactSlot, Q> free_contact_slots(const Q& q, std::size_t count) {
  WorkBuffer<ContactSlot, Q> slots(q, count);
  fill_bytes(q, slots.data(), 0, count * sizeof(ContactSlot));
  return slots;
}

/// The view of a table that is large enough for sure.
template <class Q>
ContactSlots ample_slots(const WorkBuffer<ContactSlot, Q>& slots) {
  const auto count = static_cast<std::uint32_t>(slots.size());
  return {slots.data(), count, count, nullptr};
}

/// The view of a table that may be too small.
template <class Q>
ContactSlots guessed_slots(const WorkBuffer<ContactSlot, Q>& slots, std::uint32_t* dropped) {
  return {slots.data(), static_cast<std::uint32_t>(slots.size()), kMostContactSteps, dropped};
}

/// Adds all pairs of one table to another.
struct MoveSlots {
  const ContactSlot* from;
  ContactSlots to;
  HX_HD void operator()(std::int64_t i) const {
    const ContactSlot& s = from[i];
    if (s.key != 0) to.add(s.key, s.length, s.level, s.wall);
  }
};

}  // namespace detail

}  // namespace hexaplex
