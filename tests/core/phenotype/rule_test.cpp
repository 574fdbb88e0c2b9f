#include "core/phenotype/rule.h"

#include <gmock/gmock.h>

#include <functional>
#include <random>

#include "kernels/runtime/error.h"

namespace hexaplex {
namespace {

const std::vector<std::string> kMarkers{"A", "B", "C", "CD4-", "Alexa 594"};

Truth evaluate(const std::string& text, std::vector<Truth> states = std::vector<Truth>(5, Truth::no)) {
  return Rule(text, kMarkers).evaluate(states);
}

std::string error_of(const std::string& text) {
  try {
    Rule rule(text, kMarkers);
    return "valid";
  } catch (const InvalidArgument& error) {
    return error.what();
  }
}

constexpr Truth kNo = Truth::no, kYes = Truth::yes, kUnknown = Truth::unknown;

TEST(Rule, ReadsItsLanguage) {
  EXPECT_EQ(evaluate("true"), kYes);
  EXPECT_EQ(evaluate("A", {kYes, kNo, kNo, kNo, kNo}), kYes);
  EXPECT_EQ(evaluate("!A"), kYes);
  EXPECT_EQ(evaluate("!!A"), kNo);
  EXPECT_EQ(evaluate(" A&!B ", {kYes, kNo, kNo, kNo, kNo}), kYes);
  EXPECT_EQ(evaluate("A | B & C", {kYes, kNo, kNo, kNo, kNo}), kYes) << "& binds closer than |";
  EXPECT_EQ(evaluate("(A | B) & C", {kYes, kNo, kNo, kNo, kNo}), kNo);
  EXPECT_EQ(evaluate("!(A | B)", {kNo, kNo, kYes, kYes, kYes}), kYes);
  EXPECT_EQ(evaluate("CD4-", {kNo, kNo, kNo, kYes, kNo}), kYes) << "a - belongs to the name";
  EXPECT_EQ(evaluate("`Alexa 594` && !A", {kNo, kNo, kNo, kNo, kYes}), kYes);
  EXPECT_EQ(evaluate("A\n|\tB", {kNo, kYes, kNo, kNo, kNo}), kYes);
}

TEST(Rule, UnknownSpreadsOnlyWhereTheAnswerHangsOnIt) {
  EXPECT_EQ(evaluate("A & B", {kUnknown, kNo, kNo, kNo, kNo}), kNo);
  EXPECT_EQ(evaluate("A & B", {kUnknown, kYes, kNo, kNo, kNo}), kUnknown);
  EXPECT_EQ(evaluate("A | B", {kUnknown, kYes, kNo, kNo, kNo}), kYes);
  EXPECT_EQ(evaluate("A | B", {kUnknown, kNo, kNo, kNo, kNo}), kUnknown);
  EXPECT_EQ(evaluate("!A", {kUnknown, kNo, kNo, kNo, kNo}), kUnknown);
}

TEST(Rule, KnowsItsMarkers) {
  EXPECT_THAT(Rule("C & A | !A", kMarkers).markers(), testing::ElementsAre(0, 2));
  EXPECT_TRUE(Rule("true", kMarkers).markers().empty());
}

TEST(Rule, SaysWhatIsWrongAndWhere) {
  using testing::HasSubstr;
  EXPECT_THAT(error_of(""), HasSubstr("is empty"));
  EXPECT_THAT(error_of("A &"), HasSubstr("ends too early"));
  EXPECT_THAT(error_of("A B"), HasSubstr("needs & or | here (at character 3)"));
  EXPECT_THAT(error_of("(A"), HasSubstr("( without its )"));
  EXPECT_THAT(error_of("A)"), HasSubstr(") that opens nowhere (at character 2)"));
  EXPECT_THAT(error_of("A & %"), HasSubstr("(at character 5)"));
  EXPECT_THAT(error_of("`A"), HasSubstr("backtick"));
  EXPECT_THAT(error_of("`Alexa 595`"), HasSubstr("did you mean Alexa 594?"));
  EXPECT_THAT(error_of("CD4"), HasSubstr("did you mean CD4-?"));
  EXPECT_THAT(error_of("A-B"), HasSubstr("names A-B"));
  EXPECT_EQ(error_of(std::string(64, '(') + "A" + std::string(64, ')')), "valid");
  EXPECT_THAT(error_of(std::string(65, '(') + "A" + std::string(65, ')')), HasSubstr("deeper than 64"));
  EXPECT_THROW(Rule("A", kMarkers).evaluate(std::vector<Truth>(2)), InvalidArgument);
}

TEST(Rule, TheDeepestRuleEvaluates) {
  std::string text = "A";
  for (int k = 0; k < 64; ++k) text = "B | C & (" + text + ")";
  EXPECT_EQ(evaluate(text, {kYes, kNo, kYes, kNo, kNo}), kYes);
  EXPECT_EQ(evaluate(text, {kYes, kNo, kNo, kNo, kNo}), kNo);
}

// Random expressions against their own meaning, over every state of three markers.
struct Expression {
  std::string text;
  std::function<bool(unsigned)> value;
};

Expression random_expression(std::mt19937& random, int depth) {
  const auto choice = random() % (depth == 0 ? 4 : 8);
  if (choice < 3) {
    static const char* names[] = {"A", "B", "C"};
    return {names[choice], [choice](unsigned bits) { return (bits >> choice & 1u) != 0; }};
  }
  if (choice == 3) return {"true", [](unsigned) { return true; }};
  Expression a = random_expression(random, depth - 1);
  if (choice == 4) return {"!(" + a.text + ")", [a](unsigned bits) { return !a.value(bits); }};
  Expression b = random_expression(random, depth - 1);
  if (choice < 7)
    return {"((" + a.text + ") & (" + b.text + "))", [a, b](unsigned m) { return a.value(m) && b.value(m); }};
  return {"(" + a.text + ")|(" + b.text + ")", [a, b](unsigned m) { return a.value(m) || b.value(m); }};
}

TEST(Rule, AgreesWithTruthTables) {
  std::mt19937 random(7);
  for (int trial = 0; trial < 2000; ++trial) {
    const Expression e = random_expression(random, 6);
    // At the top level a|b needs no parentheses; inside it always has them.
    const std::string text = "(" + e.text + ")";
    std::string problem = error_of(text);
    ASSERT_EQ(problem, "valid") << text;
    const Rule rule(text, kMarkers);
    for (unsigned bits = 0; bits < 8; ++bits) {
      std::vector<Truth> states(5, kNo);
      for (unsigned k = 0; k < 3; ++k) states[k] = (bits >> k & 1u) != 0 ? kYes : kNo;
      ASSERT_EQ(rule.evaluate(states) == kYes, e.value(bits)) << text << " at " << bits;
    }
    // Kleene: a known answer stays the same whatever the unknown marker turns out to be.
    for (unsigned bits = 0; bits < 8; bits += 2) {
      std::vector<Truth> states{kUnknown, (bits & 2u) != 0 ? kYes : kNo, (bits & 4u) != 0 ? kYes : kNo, kNo, kNo};
      const Truth answer = rule.evaluate(states);
      if (answer != kUnknown) {
        ASSERT_EQ(e.value(bits), answer == kYes) << text;
        ASSERT_EQ(e.value(bits + 1), answer == kYes) << text;
      }
    }
  }
}

}  // namespace
}  // namespace hexaplex
