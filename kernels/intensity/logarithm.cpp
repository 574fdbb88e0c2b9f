#include "kernels/intensity/logarithm.h"

#include "kernels/intensity/logarithm_pixel.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {
void require_soft(double soft) {
  HX_EXPECT(soft >= 0.05 && soft <= 1, "soft must lie in 0.05..1");
}
}  // namespace

Table16 log_table(double soft) {
  require_soft(soft);
  Table16 table(65536);
  for (int v = 0; v < 65536; ++v) table[static_cast<std::size_t>(v)] = detail::log_entry(v, soft);
  return table;
}

void take_logarithm(const Queue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst, double soft) {
  require_soft(soft);
  HX_EXPECT(src.extent == dst.extent, "src and dst differ in extent");
  HX_EXPECT(is_sound(src) && is_sound(dst), "a plane needs data, and a pitch no smaller than its width");
  if (src.extent.empty()) return;
  std::visit([&](const auto& queue) { detail::take_logarithm(queue, src, dst, soft); }, q);
}

void take_logarithm(const Queue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst, double soft,
                    const Table16& table) {
  if (const CpuQueue* cpu = std::get_if<CpuQueue>(&q); cpu != nullptr) return apply_table(*cpu, src, dst, table);
  take_logarithm(q, src, dst, soft);
}

void detail::take_logarithm(const CpuQueue& q, Plane<const std::uint16_t> src, Plane<std::uint16_t> dst, double soft) {
  detail::apply_table(q, src, dst, log_table(soft));
}

}  // namespace hexaplex
