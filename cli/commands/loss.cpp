// `hexaplex loss`: did cells lose an antigen between two samples of one patient, by how much, and how sure is that?
#include <fmt/format.h>

#include <memory>
#include <string>

#include "cli/command.h"
#include "core/loss/publish_loss.h"

namespace hexaplex::cli {

AddCommand add_loss_command;

namespace {

struct LossArguments {
  LossOptions options;
  std::string control;
};

int loss(LossArguments a, const Log& log) {
  if (!a.control.empty()) a.options.control = a.control;
  const LossOutcome outcome = publish_loss(a.options);
  for (const std::string& note : outcome.notes) log.warning(note);
  log.note(outcome.verdict);
  log.note((a.options.out / "loss.html").string());
  return kOk;
}

}  // namespace

void add_loss_command(CLI::App& program, Context& context) {
  auto a = std::make_shared<LossArguments>();
  CLI::App* command = program.add_subcommand("loss", "Measure the loss of an antigen between two samples of a patient");
  command
      ->add_option("BEFORE", a->options.before,
                   "Results DIR/S of hexaplex run before therapy, or a folder of them; several slides are one sample")
      ->required();
  command->add_option("--after", a->options.after, "Results after therapy, with the same panel; one or more")
      ->required();
  command->add_option("--marker", a->options.question.marker, "The antigen: a marker that the panel scores")
      ->required();
  command->add_option("--out", a->options.out, "Folder that the answer becomes")->required();
  command
      ->add_option("--cells", a->options.question.phenotypes,
                   "Phenotype of the target cells, which should not hang on the marker; may be given again. Else all "
                   "cells")
      ->allow_extra_args(false);
  command->add_option("--control", a->control,
                      "Result of a slide without the antigen, whose median is taken off; else the control that the "
                      "panel names, else 0");
  command
      ->add_option("--block-mm", a->options.question.block_mm,
                   "Side of the blocks of tissue that intervals are drawn from, larger than patches of like cells")
      ->capture_default_str();
  command->add_flag("--overwrite", a->options.overwrite, "Replace an earlier answer");
  command->callback([a, &context] { context.run = [a, &context] { return loss(*a, context.log); }; });
}

}  // namespace hexaplex::cli
