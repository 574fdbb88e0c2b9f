#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "core/compute/device_choice.h"
#include "core/compute/lane.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

/// A stage of a slide that has a form for devices.
struct ComputeStage {
  const char* name;  ///< "unmixing"
  /// A part that is too large for the device is done in smaller ones by what stands in for the CPU: nothing to tell,
  /// and nothing that `cuda` would refuse.
  bool has_smaller_form = false;
};

/// Decides, for one slide, what runs on a device and what on the CPU; the only place that does. Every stage has both
/// forms, with the same bytes, so that one may take over from the other at any window or piece.
///
/// Under DeviceChoice::automatic a stage that the device has no memory for goes on on the CPU, and so does all that is
/// left of a slide whose device fails; what happened is noted. Under `cuda` both are errors.
class ComputePlace {
 public:
  /// The CPU alone.
  ComputePlace();
  /// Looks for the device. Throws: DeviceError where `cuda` cannot have it.
  explicit ComputePlace(const DeviceChoice& choice);
  ~ComputePlace();
  ComputePlace(const ComputePlace&) = delete;
  ComputePlace& operator=(const ComputePlace&) = delete;

  /// Whether there is a device that has not failed.
  bool on_device() const { return on_device_; }

  // What a form for the device needs. All may throw DeviceOutOfMemory and DeviceError.

  int device() const { return index_; }
  LanePool& lanes() { return *lanes_; }
  /// Device memory that may be taken now: what is free less a reserve, and no more than the limit. Where that is less
  /// than is wanted, lanes that nobody uses let go of what they keep first: how many there are is a matter of chance.
  std::int64_t budget_bytes(std::int64_t wanted);
  /// What the windows of one thread may take of it, so that those of all fit.
  std::int64_t window_budget_bytes(std::int64_t wanted);
  /// For what is known to need more than budget_bytes. Throws: DeviceOutOfMemory
  /// @param what  "finding the nuclei of 100 x 100 pixels"
  void require_budget(const std::string& what, std::int64_t bytes);
  /// The same of what each thread needs for a window.
  void require_window_budget(const std::string& what, std::int64_t bytes);

  /// Does a part of a stage on the device, or on the CPU where the device is not there, or lacks memory, or fails. From
  /// any thread.
  ///
  /// @param stage      where the device lacked memory for a part of it, the CPU does all that is left
  /// @param on_device  leaves nothing behind when it throws that on_cpu would not put right
  template <class OnDevice, class OnCpu>
  auto either(const ComputeStage& stage, const OnDevice& on_device, const OnCpu& on_cpu) -> decltype(on_cpu()) {
    if (may_use_device(stage)) {
      try {
        if constexpr (std::is_void_v<decltype(on_cpu())>) {
          on_device();
          return ran_on_device(stage);
        } else {
          auto made = on_device();
          ran_on_device(stage);
          return made;
        }
      } catch (const DeviceOutOfMemory& e) {
        leave_device(stage, e);
      } catch (const DeviceError& e) {
        give_device_up(stage, e);
      }
    }
    return on_cpu();
  }

  /// Does a window of a stage that is the same calls on both: on a lane to the device, in parts that fit there, or on
  /// the CPU's queue.
  ///
  /// @param work  work(lane, part of the window); starts over when it is called again
  template <class Work>
  void on_lane(const ComputeStage& stage, const CpuQueue& q, Rect window, const Work& work) {
    const auto device = [&] {
      const LanePool::Lease lane(lanes());
      in_parts_that_fit(*lane, window, [&](Rect part) { work(*lane, part); });
    };
    either(stage, device, [&] {
      Lane lane(q);
      work(lane, window);
    });
  }

  /// Lets go of memory that lanes keep for the next window: between stages.
  void release_lanes();

  // What came of it.

  std::string device_name() const { return name_; }  ///< "NVIDIA H100 (cuda:0)"; empty: the CPU alone
  std::vector<std::string> stages() const;           ///< that ran on the device, some or all of them
  std::vector<std::string> fallbacks() const;        ///< sentences
  std::uint64_t most_device_bytes() const;           ///< taken at a time; 0 where nobody can tell any more

 private:
  std::int64_t free_budget_bytes() const;
  bool may_use_device(const ComputeStage& stage) const;
  void ran_on_device(const ComputeStage& stage);
  // Called where an error is caught, which they throw again under `cuda`.
  void leave_device(const ComputeStage& stage, const DeviceOutOfMemory& error);
  void give_device_up(const ComputeStage& stage, const DeviceError& error);

  DeviceChoice choice_;
  int index_ = -1;
  std::string name_;
  std::atomic<bool> on_device_{false};
  std::unique_ptr<LanePool> lanes_;
  mutable std::mutex guard_;
  std::set<std::string> left_;
  std::vector<std::string> stages_, fallbacks_;
};

}  // namespace hexaplex
