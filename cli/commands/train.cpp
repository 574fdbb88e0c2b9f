// `hexaplex train`: a classifier of cells from annotated results.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cli/command.h"
#include "core/classify/training.h"
#include "core/run/output_file.h"
#include "kernels/runtime/error.h"

namespace hexaplex::cli {

AddCommand add_train_command;

namespace {

struct TrainArguments {
  std::vector<std::string> files;
  std::string out;
  bool overwrite = false;
};

int train(const TrainArguments& a, const Log& log) {
  if (a.files.size() % 2 != 0)
    throw InvalidArgument("results and annotations come in pairs: RESULT ANNOTATIONS [RESULT ANNOTATIONS...]");
  std::error_code error;
  if (!a.overwrite && std::filesystem::exists(a.out, error))
    throw OutputError(a.out, "is there already; give --overwrite to replace it, or another --out");
  std::vector<TrainingSlide> slides;
  for (std::size_t i = 0; i < a.files.size(); i += 2) slides.push_back({a.files[i], a.files[i + 1]});
  const TrainedClassifier trained = train_classifier(slides);
  replace_file(a.out, trained.classifier.text());
  std::string of;
  for (std::size_t k = 0; k < trained.kinds.size(); ++k)
    of += fmt::format("{}{} {}", of.empty() ? "" : ", ", trained.cells[k], trained.kinds[k]);
  log.note(fmt::format("trained on {}: {}", of, a.out));
  return kOk;
}

}  // namespace

void add_train_command(CLI::App& program, Context& context) {
  auto a = std::make_shared<TrainArguments>();
  CLI::App* command =
      program.add_subcommand("train", "Train a classifier of cells from results and annotations of their slides");
  command
      ->add_option("FILES", a->files,
                   "RESULT ANNOTATIONS, again for each slide: the folder DIR/S of hexaplex run, and classified points "
                   "or areas as GeoJSON from QuPath")
      ->required();
  command
      ->add_option("--out", a->out,
                   "File that the classifier becomes; run and batch take it by --classifier, a panel by classifier:")
      ->required();
  command->add_flag("--overwrite", a->overwrite, "Replace it where it is there");
  command->callback([a, &context] { context.run = [a, &context] { return train(*a, context.log); }; });
}

}  // namespace hexaplex::cli
