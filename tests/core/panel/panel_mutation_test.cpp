// Panels are text from anywhere: whatever is done to one, it is read or refused, never anything else.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "core/panel/load_panel.h"
#include "kernels/runtime/error.h"

namespace hexaplex {
namespace {

TEST(PanelMutation, EndsInAPanelOrInAnErrorThatNamesTheFile) {
  std::mt19937 random(11);
  const std::string alphabet = "{}[]:,-#&*!|>'\"%@` \n\t\\0a1.~?<=\xff";
  int read = 0, refused = 0;
  for (int trial = 0; trial < 3000; ++trial) {
    std::string text(panel_presets()[random() % panel_presets().size()].yaml);
    for (unsigned change = random() % 4 + 1; change > 0; --change) {
      const std::size_t at = random() % text.size(), length = std::min<std::size_t>(random() % 20, text.size() - at);
      switch (random() % 4) {
        case 0:
          text[at] = alphabet[random() % alphabet.size()];
          break;
        case 1:
          text.insert(at, 1, alphabet[random() % alphabet.size()]);
          break;
        case 2:
          text.erase(at, length);
          break;
        default:
          text.insert(random() % text.size(), text.substr(at, length));
      }
      if (text.empty()) text = " ";
    }
    try {
      parse_panel(text, "mutant.yaml");
      ++read;
    } catch (const InputError& error) {  // also ConfigError
      ++refused;
      ASSERT_NE(std::string(error.what()), "");
    }
  }
  EXPECT_GT(read, 100);
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace hexaplex
