#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "core/run/output_file.h"
#include "kernels/runtime/plane.h"
#include "kernels/runtime/queue.h"

namespace hexaplex {

/// Writes what a stage has made, packed and with checksums, for a later run of the same program on the same kind of
/// machine: numbers are stored as they lie in memory. The file gets its name once all of it is on the disk.
class CheckpointWriter {
 public:
  explicit CheckpointWriter(std::filesystem::path path);
  ~CheckpointWriter();  ///< without commit, nothing stays

  template <class T>
  void value(const T& v) {
    static_assert(std::is_trivially_copyable_v<T>);
    block(std::as_bytes(std::span(&v, 1)));
  }
  template <class Vector>
  void table(const Vector& v) {
    value(static_cast<std::uint64_t>(v.size()));
    block(std::as_bytes(std::span(v.data(), v.size())));
  }
  template <class T>
  void plane(const CpuQueue& q, Plane<const T> p) {
    rows(q, reinterpret_cast<const std::byte*>(p.data), p.extent.height, sizeof(T) * p.extent.width,
         sizeof(T) * p.pitch);
  }

  /// Throws: OutputError.
  void commit();

 private:
  void block(std::span<const std::byte> bytes);
  void rows(const CpuQueue& q, const std::byte* first, int count, std::size_t bytes, std::size_t apart);

  std::filesystem::path path_, partial_;
  std::unique_ptr<OutputFile> file_;
};

/// Reads it back, in the order of writing.
/// Throws: InputError for a file that is not what the writer wrote; also where a table or a plane has another size.
class CheckpointReader {
 public:
  explicit CheckpointReader(const std::filesystem::path& path);
  ~CheckpointReader();

  template <class T>
  T value() {
    static_assert(std::is_trivially_copyable_v<T>);
    T v;
    block(std::as_writable_bytes(std::span(&v, 1)));
    return v;
  }
  /// @param size  that the table must have
  template <class Vector>
  void table(Vector& v, std::size_t size) {
    if (value<std::uint64_t>() != size) damaged();
    v.resize(size);
    block(std::as_writable_bytes(std::span(v.data(), size)));
  }
  template <class T>
  void plane(Plane<T> p) {
    rows(reinterpret_cast<std::byte*>(p.data), p.extent.height, sizeof(T) * p.extent.width, sizeof(T) * p.pitch);
  }
  /// Throws where something is left, or where the end is missing.
  void finish();

 private:
  void block(std::span<std::byte> bytes);
  void rows(std::byte* first, int count, std::size_t bytes, std::size_t apart);
  [[noreturn]] void damaged() const;

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hexaplex
