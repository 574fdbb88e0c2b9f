#include <cstdarg>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "core/bench/bench.h"
#include "core/bench/device_facts.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

constexpr const char* kFormat = "hexaplex bench 1";

// This part builds where no formatting library is.
std::string print(const char* format, ...) __attribute__((format(printf, 1, 2)));
std::string print(const char* format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return text;
}

struct Figures {
  double mpx_s, gb_s, of_copy;
};

Figures figures(const BenchReport& r, const BenchRow& row, const BenchSpeed& speed, double copy_rate) {
  const double bytes_s = r.pixels() * row.bytes_per_pixel / speed.seconds;
  return {r.pixels() / speed.seconds / 1e6, bytes_s / 1e9, copy_rate > 0 ? bytes_s / copy_rate : 0};
}

nlohmann::ordered_json speed_json(const BenchReport& r, const BenchRow& row, const BenchSpeed& speed,
                                  double copy_rate) {
  const Figures f = figures(r, row, speed, copy_rate);
  return {{"seconds", speed.seconds}, {"best_seconds", speed.best_seconds},
          {"runs", speed.runs},       {"mpx_per_s", f.mpx_s},
          {"gb_per_s", f.gb_s},       {"of_copy", f.of_copy}};
}

struct Before {
  std::map<std::string, double> cpu, device;  // Mpx/s by operator
};

Before parse_before(const std::string& text, const std::string& name) {
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object() || json.value("format", "") != kFormat)
    throw InputError(name, std::string("is not a report of this benchmark (\"format\": \"") + kFormat +
                               "\"); write one with --json");
  Before out;
  for (const auto& row : json.value("operators", nlohmann::json::array())) {
    const std::string op = row.value("name", "");
    if (row.contains("cpu")) out.cpu[op] = row["cpu"].value("mpx_per_s", 0.0);
    if (row.contains("cuda")) out.device[op] = row["cuda"].value("mpx_per_s", 0.0);
  }
  return out;
}

std::string times(double now, const std::map<std::string, double>& before, const std::string& op) {
  const auto it = before.find(op);
  return it == before.end() || it->second <= 0 ? std::string(9, ' ') : print("  %6.2fx", now / it->second);
}

}  // namespace

std::string bench_json(const BenchReport& r) {
  nlohmann::ordered_json out;
  out["format"] = kFormat;
  out["cpu"] = {{"name", r.cpu}, {"threads", r.threads}, {"copy_gb_per_s", r.rates.cpu_copy / 1e9}};
  if (r.device) {
    out["cuda"] = {{"name", r.device->name},
                   {"compute", std::to_string(r.device->compute_major) + "." + std::to_string(r.device->compute_minor)},
                   {"memory_bytes", r.device->memory_bytes},
                   {"cuda_of_driver", r.device->driver_version},
                   {"driver", nvidia_driver()},
                   {"multiprocessors", r.device->multiprocessors},
                   {"clock_mhz", r.device->clock_mhz},
                   {"memory_clock_mhz", r.device->memory_clock_mhz},
                   {"memory_bus_bits", r.device->memory_bus_bits},
                   {"l2_bytes", r.device->l2_bytes},
                   {"pcie", r.pcie},
                   {"most_memory_bytes", r.most_device_bytes},
                   {"copy_gb_per_s", r.rates.device_copy / 1e9},
                   {"upload_gb_per_s", r.rates.upload / 1e9},
                   {"download_gb_per_s", r.rates.download / 1e9}};
  } else {
    out["no_cuda"] = r.no_device;
  }
  out["width"] = r.input.extent.width;
  out["height"] = r.input.extent.height;
  out["same_bytes"] = r.same_bytes();
  out["operators"] = nlohmann::ordered_json::array();
  for (const BenchRow& row : r.rows) {
    nlohmann::ordered_json one{{"name", row.name}, {"bytes_per_pixel", row.bytes_per_pixel}};
    one["cpu"] = speed_json(r, row, row.cpu, r.rates.cpu_copy);
    if (row.device) {
      one["cuda"] = speed_json(r, row, *row.device, r.rates.device_copy);
      one["same_bytes"] = row.same_bytes;
    }
    out["operators"].push_back(std::move(one));
  }
  return out.dump(2) + "\n";
}

void require_bench_json(const std::string& json, const std::string& name) {
  parse_before(json, name);
}

std::string bench_table(const BenchReport& r, const std::string& before_json, const std::string& before_name) {
  const bool compare = !before_json.empty();
  const Before before = compare ? parse_before(before_json, before_name) : Before{};
  std::string out = print("CPU   %s, %d threads, copies %.1f GB/s\n", r.cpu.c_str(), r.threads, r.rates.cpu_copy / 1e9);
  if (r.device)
    out += print(
        "CUDA  %s, copies %.0f GB/s, up %.1f GB/s, down %.1f GB/s\n"
        "      %d multiprocessors of at most %d MHz, memory of %.0f GB at %d MHz x %d bits, %.1f GB used; PCIe %s; "
        "driver %s\n",
        r.device->name.c_str(), r.rates.device_copy / 1e9, r.rates.upload / 1e9, r.rates.download / 1e9,
        r.device->multiprocessors, r.device->clock_mhz, static_cast<double>(r.device->memory_bytes) / 1e9,
        r.device->memory_clock_mhz, r.device->memory_bus_bits, static_cast<double>(r.most_device_bytes) / 1e9,
        r.pcie.empty() ? "unknown" : r.pcie.c_str(), nvidia_driver().empty() ? "unknown" : nvidia_driver().c_str());
  else
    out += "CUDA  not measured: " + r.no_device + "\n";
  out += print("Field %d x %d pixels, crowded; medians; share: of the fastest copy in the same memory",
               r.input.extent.width, r.input.extent.height);
  out += compare ? "; x: times as fast as in " + before_name + "\n\n" : "\n\n";
  out += print("%-24s %10s %8s %6s%s", "", "CPU Mpx/s", "GB/s", "share", compare ? "        x" : "");
  if (r.device)
    out += print(" %11s %8s %6s%s %8s  %s", "CUDA Mpx/s", "GB/s", "share", compare ? "        x" : "", "CUDA/CPU",
                 "bytes");
  out += "\n";
  for (const BenchRow& row : r.rows) {
    const Figures cpu = figures(r, row, row.cpu, r.rates.cpu_copy);
    out += print("%-24s %10.1f %8.2f %5.1f%%", row.name.c_str(), cpu.mpx_s, cpu.gb_s, 100 * cpu.of_copy);
    if (compare) out += times(cpu.mpx_s, before.cpu, row.name);
    if (row.device) {
      const Figures gpu = figures(r, row, *row.device, r.rates.device_copy);
      out += print(" %11.1f %8.1f %5.1f%%", gpu.mpx_s, gpu.gb_s, 100 * gpu.of_copy);
      if (compare) out += times(gpu.mpx_s, before.device, row.name);
      out += print(" %7.1fx  %s", gpu.mpx_s / cpu.mpx_s, row.same_bytes ? "same" : "DIFFERENT");
    }
    out += "\n";
  }
  return out;
}

}  // namespace hexaplex
