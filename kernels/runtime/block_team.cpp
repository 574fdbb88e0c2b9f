#include <atomic>
#include <barrier>
#include <thread>
#include <vector>

#include "kernels/runtime/for_each_block.h"

namespace hexaplex::detail {

namespace {
std::atomic<int> team_size{1};
}  // namespace

int block_team() {
  return team_size.load(std::memory_order_relaxed);
}

void set_block_team(int members) {
  team_size = members;
}

void run_block_team(int members, void (*work)(void* context, const BlockShare& share), void* context) {
  std::barrier<> barrier(members);
  const auto wait = [](void* team) { static_cast<std::barrier<>*>(team)->arrive_and_wait(); };
  std::vector<std::thread> threads;
  for (int i = 1; i < members; ++i) threads.emplace_back([&, i] { work(context, {wait, &barrier, i, members}); });
  work(context, {wait, &barrier, 0, members});
  for (std::thread& t : threads) t.join();
}

}  // namespace hexaplex::detail
