#include "core/compute/compute_place.h"

#include <fmt/format.h>

#include <algorithm>

#include "kernels/runtime/device.h"
#include "kernels/runtime/launch.h"

namespace hexaplex {

namespace {

constexpr std::int64_t kMostReserve = std::int64_t{1} << 30;

int find_device(const DeviceChoice& choice) {
#if HX_WITH_CUDA
  return choose_device(choice.mode == DeviceChoice::Mode::cuda ? choice.index : -1);
#else
  (void)choice;
  throw DeviceError("this program was built without CUDA: build it with CUDA, or run on the CPU");
#endif
}

std::string name_of_device(int index) {
  for (const DeviceInfo& info : list_devices())
    if (info.index == index) return fmt::format("{} (cuda:{})", info.name, index);
  return fmt::format("cuda:{}", index);
}

}  // namespace

ComputePlace::ComputePlace() : ComputePlace(DeviceChoice{}) {}

ComputePlace::ComputePlace(const DeviceChoice& choice) : choice_(choice) {
  if (choice.mode == DeviceChoice::Mode::cpu) return;
  try {
    index_ = find_device(choice);
  } catch (const DeviceError& e) {
    if (choice.mode == DeviceChoice::Mode::cuda) throw;
    fallbacks_.push_back(fmt::format("everything ran on the CPU: {}", e.what()));
    return;
  }
  name_ = name_of_device(index_);
  lanes_ = std::make_unique<LanePool>(index_);
  on_device_ = true;
}

ComputePlace::~ComputePlace() = default;

std::int64_t ComputePlace::free_budget_bytes() const {
  const DeviceMemory memory = device_memory(index_);
  const auto total = static_cast<std::int64_t>(memory.total_bytes), free = static_cast<std::int64_t>(memory.free_bytes);
  // What the runtime loads kernels into, and others on the same device.
  const std::int64_t reserve = std::min(total / 16, kMostReserve);
  std::int64_t most = std::min(free - reserve, total / 100 * choice_.limit_percent);
  if (choice_.limit_bytes > 0) most = std::min(most, choice_.limit_bytes);
  return std::max<std::int64_t>(most, 0);
}

std::int64_t ComputePlace::budget_bytes(std::int64_t wanted) {
  const std::int64_t free = free_budget_bytes();
  if (free >= wanted) return free;
  release_lanes();
  return free_budget_bytes();
}

std::int64_t ComputePlace::window_budget_bytes(std::int64_t wanted) {
  const std::int64_t windows = 2 * cpu_threads();
  return budget_bytes(wanted * windows) / windows;
}

namespace {
[[noreturn]] void too_much(const std::string& what, int device, std::int64_t bytes, std::int64_t budget) {
  throw DeviceOutOfMemory(static_cast<std::size_t>(bytes),
                          fmt::format("{} on device {}, where {} may be taken,", what, device, budget));
}
}  // namespace

void ComputePlace::require_budget(const std::string& what, std::int64_t bytes) {
  const std::int64_t budget = budget_bytes(bytes);
  if (bytes > budget) too_much(what, index_, bytes, budget);
}

void ComputePlace::require_window_budget(const std::string& what, std::int64_t bytes) {
  const std::int64_t budget = window_budget_bytes(bytes);
  if (bytes > budget) too_much(what + " on each thread", index_, bytes, budget);
}

bool ComputePlace::may_use_device(const ComputeStage& stage) const {
  if (!on_device_) return false;
  const std::lock_guard<std::mutex> lock(guard_);
  return left_.count(stage.name) == 0;
}

void ComputePlace::ran_on_device(const ComputeStage& stage) {
  const std::lock_guard<std::mutex> lock(guard_);
  if (std::find(stages_.begin(), stages_.end(), stage.name) == stages_.end()) stages_.emplace_back(stage.name);
}

void ComputePlace::leave_device(const ComputeStage& stage, const DeviceOutOfMemory& error) {
  if (stage.has_smaller_form) return;
  if (choice_.mode == DeviceChoice::Mode::cuda) throw;
  const std::lock_guard<std::mutex> lock(guard_);
  if (left_.insert(stage.name).second)
    fallbacks_.push_back(fmt::format("{} went on on the CPU: {}", stage.name, error.what()));
}

void ComputePlace::give_device_up(const ComputeStage& stage, const DeviceError& error) {
  if (choice_.mode == DeviceChoice::Mode::cuda) throw;
  const std::lock_guard<std::mutex> lock(guard_);
  if (on_device_.exchange(false))
    fallbacks_.push_back(fmt::format("{} and all that followed went on on the CPU: {}", stage.name, error.what()));
}

void ComputePlace::release_lanes() {
  if (lanes_ != nullptr) lanes_->clear();
}

std::vector<std::string> ComputePlace::stages() const {
  const std::lock_guard<std::mutex> lock(guard_);
  return stages_;
}

std::vector<std::string> ComputePlace::fallbacks() const {
  const std::lock_guard<std::mutex> lock(guard_);
  return fallbacks_;
}

std::uint64_t ComputePlace::most_device_bytes() const {
  if (index_ < 0) return 0;
  try {
    return device_memory(index_).most_used_bytes;
  } catch (const DeviceError&) {
    return 0;
  } catch (const DeviceOutOfMemory&) {
    return 0;
  }
}

}  // namespace hexaplex
