#pragma once

#include <exception>
#include <filesystem>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "core/io/slide.h"

namespace hexaplex {

/// Readers of one slide, as many as there are workers: an open slide serves one thread at a time, and opening one is
/// cheap beside decoding a band.
class ReaderPool {
 public:
  /// @param info  of the slide as it was opened: all readers are opened alike
  explicit ReaderPool(const SlideInfo& info) : path_(info.path), options_(info.opened) {}

  /// A reader while this lives; then it waits for the next worker. One that failed is not used again.
  class Lease {
   public:
    explicit Lease(ReaderPool& pool) : pool_(pool), slide_(pool.take()), failures_(std::uncaught_exceptions()) {}
    ~Lease() {
      if (std::uncaught_exceptions() == failures_) pool_.give(std::move(slide_));
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Slide& operator*() const { return *slide_; }
    Slide* operator->() const { return slide_.get(); }

   private:
    ReaderPool& pool_;
    std::unique_ptr<Slide> slide_;
    int failures_;
  };

 private:
  std::unique_ptr<Slide> take() {
    {
      const std::lock_guard<std::mutex> lock(guard_);
      if (!idle_.empty()) {
        auto slide = std::move(idle_.back());
        idle_.pop_back();
        return slide;
      }
    }
    return open_slide(path_, options_);
  }
  void give(std::unique_ptr<Slide> slide) {
    const std::lock_guard<std::mutex> lock(guard_);
    idle_.push_back(std::move(slide));
  }

  std::filesystem::path path_;
  OpenOptions options_;
  std::mutex guard_;
  std::vector<std::unique_ptr<Slide>> idle_;
};

}  // namespace hexaplex
