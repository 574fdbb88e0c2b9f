#include "core/report/html_page.h"

#include <fmt/format.h>

#include <cmath>

namespace hexaplex {

std::string page_head(std::string_view policy, std::string_view style) {
  return fmt::format(
      R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; {}base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<style>
body{{font:15px/1.5 system-ui,sans-serif;color:#1c2024;max-width:70rem;margin:2rem auto;padding:0 1rem}}
h1{{font-size:1.5rem;margin-bottom:0}}h2{{font-size:1.15rem;margin-top:2rem}}
table{{border-collapse:collapse;margin:.5rem 0}}th,td{{padding:.25rem .8rem;border-bottom:1px solid #d8dce0;text-align:left}}
td.n,th.n{{text-align:right;font-variant-numeric:tabular-nums}}
.use{{color:#5a6270}}.warn{{background:#fff4d6;border-left:4px solid #e0a800;padding:.4rem .8rem;margin:.4rem 0}}
{}</style>
)",
      policy, style);
}

std::string fixed(double value, int digits) {
  return std::isfinite(value) ? fmt::format("{:.{}f}", value, digits) : "–";
}

}  // namespace hexaplex
