#pragma once

namespace hexaplex::cli {

/// Thrown by `throw_if_interrupted`; the program then ends with 128 + signal and publishes nothing.
struct Interrupted {
  int signal;
};

/// From now on the first SIGINT or SIGTERM only raises a flag, so that work can end between two steps and remove its
/// temporary files; the second one ends the program at once.
void watch_for_interrupts();

/// The signal that asked the program to end, or 0.
int interrupt_signal();

/// Throws Interrupted if the program was asked to end. Cheap: call it from every progress callback.
void throw_if_interrupted();

}  // namespace hexaplex::cli
