#include "cli/failure.h"

#include <exception>
#include <new>
#include <string>

#include "cli/command.h"
#include "cli/interrupt.h"
#include "kernels/runtime/error.h"

namespace hexaplex::cli {

namespace {

struct Failure {
  std::string message;  // one sentence
  int code;
};

Failure describe(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const ConfigError& error) {
    return {error.what(), kUsage};
  } catch (const InvalidArgument& error) {
    return {error.what(), kUsage};
  } catch (const InputError& error) {
    return {error.what(), kUnreadableInput};
  } catch (const DeviceError& error) {
    return {error.what(), kDevice};
  } catch (const OutputError& error) {
    return {error.what(), kOutput};
  } catch (const OutOfMemory& error) {
    return {error.what(), kOutOfMemory};
  } catch (const std::bad_alloc&) {
    return {"out of memory", kOutOfMemory};
  } catch (const Interrupted& interrupted) {
    return {"stopped by signal " + std::to_string(interrupted.signal), kInterrupted + interrupted.signal};
  } catch (const std::exception& error) {
    return {std::string("a defect in hexaplex, please report it: ") + error.what(), kDefect};
  } catch (...) {
    return {"a defect in hexaplex, please report it: an exception of an unknown kind", kDefect};
  }
}

}  // namespace

int run_and_report(const Log& log, const std::function<int()>& work) {
  try {
    return work();
  } catch (...) {
    const Failure failure = describe(std::current_exception());
    log.error(failure.message, failure.code);
    return failure.code;
  }
}

}  // namespace hexaplex::cli
