#include "core/classify/cell_classifier.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <opencv2/ml.hpp>
#include <utility>

#include "kernels/runtime/error.h"

namespace hexaplex {

namespace {

using cv::ml::RTrees;
constexpr const char* kFormat = "hexaplex cell classifier 1";
constexpr int kDepth = 10, kSmallestNode = 2, kTrees = 100;
constexpr std::uint64_t kSeed = 20260101;  // any: the forest is the same each time

cv::Mat matrix_of(std::span<const CellFeatures> features) {
  cv::Mat m(static_cast<int>(features.size()), static_cast<int>(kCellFeatures.size()), CV_32F);
  for (std::size_t i = 0; i < features.size(); ++i)
    std::copy(features[i].begin(), features[i].end(), m.ptr<float>(static_cast<int>(i)));
  return m;
}

}  // namespace

struct CellClassifier::Forest {
  cv::Ptr<RTrees> trees;
};

CellClassifier::CellClassifier(std::vector<std::string> classes, std::vector<std::size_t> trained,
                               std::unique_ptr<Forest> forest)
    : classes_(std::move(classes)), trained_(std::move(trained)), forest_(std::move(forest)) {}
CellClassifier::~CellClassifier() = default;
CellClassifier::CellClassifier(CellClassifier&&) noexcept = default;
CellClassifier& CellClassifier::operator=(CellClassifier&&) noexcept = default;

CellClassifier CellClassifier::train(std::vector<std::string> classes, std::span<const CellFeatures> features,
                                     std::span<const int> kinds) {
  HX_EXPECT(classes.size() >= 2, "a classifier needs two classes at least");
  HX_EXPECT(features.size() == kinds.size(), "one class is needed for each cell");
  std::vector<std::size_t> trained(classes.size());
  for (const int k : kinds) {
    HX_EXPECT(k >= 0 && k < static_cast<int>(classes.size()), "a cell's class is not one of them");
    ++trained[static_cast<std::size_t>(k)];
  }
  for (std::size_t c = 0; c < classes.size(); ++c)
    if (trained[c] == 0) throw InvalidArgument("the class " + classes[c] + " has no annotated cell");
  cv::Mat answers(static_cast<int>(kinds.size()), 1, CV_32S);
  std::copy(kinds.begin(), kinds.end(), answers.ptr<int>());
  auto forest = std::make_unique<Forest>(Forest{RTrees::create()});
  forest->trees->setMaxDepth(kDepth);
  forest->trees->setMinSampleCount(kSmallestNode);
  forest->trees->setActiveVarCount(0);  // the root of their number
  forest->trees->setTermCriteria({cv::TermCriteria::MAX_ITER, kTrees, 0});
  cv::theRNG().state = kSeed;
  forest->trees->train(matrix_of(features), cv::ml::ROW_SAMPLE, answers);
  return CellClassifier(std::move(classes), std::move(trained), std::move(forest));
}

std::string CellClassifier::text() const {
  cv::FileStorage storage(".json", cv::FileStorage::WRITE | cv::FileStorage::MEMORY | cv::FileStorage::FORMAT_JSON);
  forest_->trees->write(storage);
  nlohmann::ordered_json json;
  json["format"] = kFormat;
  json["classes"] = classes_;
  json["trained_on"] = trained_;
  json["features"] = kCellFeatures;
  json["forest"] = storage.releaseAndGetString();
  return json.dump(1) + "\n";
}

CellClassifier CellClassifier::read(std::string_view text, const std::string& file) {
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object() || json.value("format", "") != kFormat)
    throw InputError(file, "is no classifier of this program; train one with hexaplex train");
  try {
    if (json.at("features").get<std::vector<std::string>>() !=
        std::vector<std::string>(kCellFeatures.begin(), kCellFeatures.end()))
      throw InputError(file, "was trained on other features than this version measures; train it again");
    auto forest = std::make_unique<Forest>(Forest{RTrees::create()});
    const cv::FileStorage storage(json.at("forest").get<std::string>(),
                                  cv::FileStorage::READ | cv::FileStorage::MEMORY | cv::FileStorage::FORMAT_JSON);
    forest->trees->read(storage.root());
    auto classes = json.at("classes").get<std::vector<std::string>>();
    if (classes.size() < 2 || !forest->trees->isTrained())
      throw InputError(file, "holds no trained forest; train it again");
    return CellClassifier(std::move(classes), json.at("trained_on").get<std::vector<std::size_t>>(), std::move(forest));
  } catch (const nlohmann::json::exception& e) {
    throw InputError(file, std::string("is a damaged classifier (") + e.what() + "); train it again");
  } catch (const cv::Exception& e) {
    throw InputError(file, std::string("holds a damaged forest (") + e.err + "); train it again");
  }
}

std::vector<int> CellClassifier::predict(std::span<const CellFeatures> features) const {
  std::vector<int> out(features.size());
  if (features.empty()) return out;
  cv::Mat answers;
  forest_->trees->predict(matrix_of(features), answers);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<int>(answers.at<float>(static_cast<int>(i)) + 0.5f);
  return out;
}

}  // namespace hexaplex
