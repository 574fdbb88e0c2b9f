#include "core/phenotype/rule.h"

#include <algorithm>

#include "core/panel/suggest.h"
#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {
constexpr int kDeepest = 64;

bool belongs_to_name(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         c == '+' || c == '-';
}
}  // namespace

/// Recursive descent that writes postfix steps.
class RuleParser {
 public:
  RuleParser(Rule& rule, std::string_view text, std::span<const std::string> markers)
      : rule_(rule), text_(text), markers_(markers) {}

  void parse() {
    skip_blanks();
    if (at_end()) fail("is empty; write true for every cell");
    either(0);
    if (!at_end()) fail(text_[at_] == ')' ? "has a ) that opens nowhere" : "needs & or | here");
  }

 private:
  using Kind = Rule::Step::Kind;

  bool at_end() const { return at_ == text_.size(); }
  void skip_blanks() {
    while (!at_end() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) ++at_;
  }
  bool take(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    if ((c == '&' || c == '|') && !at_end() && text_[at_] == c) ++at_;  // && and || are what many fingers write
    skip_blanks();
    return true;
  }
  void add(Kind kind, int marker = -1) { rule_.steps_.push_back({kind, marker}); }

  [[noreturn]] void fail(const std::string& what) const {
    throw InvalidArgument("the rule \"" + std::string(text_.substr(0, 200)) + "\" " + what + " (at character " +
                          std::to_string(at_ + 1) + ")");
  }

  void either(int depth) {
    both(depth);
    while (take('|')) both(depth), add(Kind::either);
  }
  void both(int depth) {
    negation(depth);
    while (take('&')) negation(depth), add(Kind::both);
  }
  void negation(int depth) {
    bool negate = false;
    while (take('!')) negate = !negate;
    item(depth);
    if (negate) add(Kind::negate);
  }
  void item(int depth) {
    if (at_end()) fail("ends too early: a marker, true or ( is missing");
    if (text_[at_] == '(') {
      if (depth == kDeepest) fail("nests parentheses deeper than " + std::to_string(kDeepest));
      take('(');
      either(depth + 1);
      if (!take(')')) fail("has a ( without its )");
    } else if (text_[at_] == '`') {
      const std::size_t end = text_.find('`', at_ + 1);
      if (end == std::string_view::npos) fail("has a backtick without its second one");
      marker(text_.substr(at_ + 1, end - at_ - 1), end + 1);
    } else if (belongs_to_name(text_[at_])) {
      std::size_t end = at_;
      while (end < text_.size() && belongs_to_name(text_[end])) ++end;
      const std::string_view name = text_.substr(at_, end - at_);
      if (name == "true") {
        at_ = end;
        skip_blanks();
        add(Kind::constant);
      } else {
        marker(name, end);
      }
    } else {
      fail(
          "has no marker, true or ( here; names with other characters than letters, digits and _ . + - go in "
          "backticks");
    }
  }
  void marker(std::string_view name, std::size_t end) {
    const auto found = std::find(markers_.begin(), markers_.end(), name);
    if (found == markers_.end()) {
      const std::string near = did_you_mean(name, markers_);
      fail("names " + std::string(name) + ", which is no marker of the panel" +
           (near.empty() ? "; the markers are " + listed(markers_) : near));
    }
    add(Kind::marker, static_cast<int>(found - markers_.begin()));
    at_ = end;
    skip_blanks();
  }

  Rule& rule_;
  std::string_view text_;
  std::span<const std::string> markers_;
  std::size_t at_ = 0;
};

Rule::Rule(std::string_view text, std::span<const std::string> markers) : markers_given_(markers.size()) {
  RuleParser(*this, text, markers).parse();
  for (const Step& step : steps_)
    if (step.kind == Step::Kind::marker) markers_.push_back(step.marker);
  std::sort(markers_.begin(), markers_.end());
  markers_.erase(std::unique(markers_.begin(), markers_.end()), markers_.end());
}

Truth Rule::evaluate(std::span<const Truth> states) const {
  HX_EXPECT(states.size() == markers_given_, "one state per marker is needed");
  // Left-associative operators over at most kDeepest parentheses leave few values waiting: two a level.
  Truth stack[2 * kDeepest + 4];
  std::size_t top = 0;
  for (const Step& step : steps_) {
    switch (step.kind) {
      case Step::Kind::constant:
        stack[top++] = Truth::yes;
        break;
      case Step::Kind::marker:
        stack[top++] = states[static_cast<std::size_t>(step.marker)];
        break;
      case Step::Kind::negate: {
        Truth& t = stack[top - 1];
        if (t != Truth::unknown) t = t == Truth::yes ? Truth::no : Truth::yes;
        break;
      }
      case Step::Kind::both: {
        const Truth b = stack[--top];
        Truth& a = stack[top - 1];
        a = a == Truth::no || b == Truth::no     ? Truth::no
            : a == Truth::yes && b == Truth::yes ? Truth::yes
                                                 : Truth::unknown;
        break;
      }
      case Step::Kind::either: {
        const Truth b = stack[--top];
        Truth& a = stack[top - 1];
        a = a == Truth::yes || b == Truth::yes ? Truth::yes
            : a == Truth::no && b == Truth::no ? Truth::no
                                               : Truth::unknown;
        break;
      }
    }
  }
  return stack[0];
}

}  // namespace hexaplex
