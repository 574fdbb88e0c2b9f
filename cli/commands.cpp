#include "cli/command.h"

namespace hexaplex::cli {

// A new command is a file in cli/commands/ and a line in each of these two lists.
AddCommand add_run_command;
AddCommand add_batch_command;
AddCommand add_compare_command;
AddCommand add_loss_command;
AddCommand add_train_command;
AddCommand add_info_command;
AddCommand add_panel_command;
AddCommand add_verify_command;
AddCommand add_bench_command;
AddCommand add_doctor_command;
AddCommand add_completion_command;

void add_all_commands(CLI::App& program, Context& context) {
  for (AddCommand* add : {
           add_run_command,
           add_batch_command,
           add_compare_command,
           add_loss_command,
           add_train_command,
           add_info_command,
           add_panel_command,
           add_verify_command,
           add_bench_command,
           add_doctor_command,
           add_completion_command,
       })
    add(program, context);
}

}  // namespace hexaplex::cli
