#include "core/batch/worker.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "kernels/runtime/error.h"

#if defined(__linux__)
#include <sys/prctl.h>
#endif

namespace hexaplex {

namespace {

constexpr std::size_t kLongestLine = std::size_t{1} << 16;

// Between fork and exec nothing but system calls: another thread may have held any lock.
[[noreturn]] void become(char* const* command, int parent, int stderr_pipe) {
  ::setpgid(0, 0);
#if defined(__linux__)
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // it died before the line above
#else
  (void)parent;
#endif
  const int nothing = ::open("/dev/null", O_RDWR);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(nothing, STDOUT_FILENO);
  ::dup2(stderr_pipe, STDERR_FILENO);
  ::signal(SIGINT, SIG_DFL);
  ::signal(SIGTERM, SIG_DFL);
  ::signal(SIGPIPE, SIG_DFL);
  ::execv(command[0], command);
  ::_exit(127);
}

}  // namespace

Worker::Worker(const std::vector<std::string>& command) : start_(std::chrono::steady_clock::now()) {
  HX_EXPECT(!command.empty(), "a worker needs a program");
  std::vector<char*> arguments;
  for (const std::string& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
  arguments.push_back(nullptr);
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0) throw Error(std::string("no pipe for a worker: ") + std::strerror(errno));
  const int self = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) {
    const int error = errno;
    ::close(pipe[0]);
    ::close(pipe[1]);
    throw Error(std::string("no process for a worker: ") + std::strerror(error) + "; give fewer --jobs");
  }
  if (pid_ == 0) become(arguments.data(), self, pipe[1]);
  ::close(pipe[1]);
  stderr_ = pipe[0];
  ::fcntl(stderr_, F_SETFL, O_NONBLOCK);
}

Worker::~Worker() {
  if (!reaped_) {
    kill();
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
  }
  if (stderr_ >= 0) ::close(stderr_);
}

std::vector<std::string> Worker::read_lines() {
  std::vector<std::string> lines;
  char part[1 << 12];
  while (stderr_ >= 0) {
    const ssize_t n = ::read(stderr_, part, sizeof part);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;  // nothing more for now
    if (n == 0) {
      ::close(stderr_);
      stderr_ = -1;
      if (!unfinished_.empty()) lines.push_back(std::move(unfinished_));
      unfinished_.clear();
      break;
    }
    for (ssize_t i = 0; i < n; ++i) {
      if (part[i] != '\n' && unfinished_.size() < kLongestLine) {
        unfinished_ += part[i];
      } else if (part[i] == '\n') {
        lines.push_back(std::move(unfinished_));
        unfinished_.clear();
      }
    }
  }
  return lines;
}

bool Worker::ended() {
  if (!reaped_) {
    int status = 0;
    const int got = ::waitpid(pid_, &status, WNOHANG);
    if (got != pid_) return false;
    reaped_ = true;
    end_ = std::chrono::steady_clock::now();
    if (WIFSIGNALED(status))
      state_.signal = WTERMSIG(status);
    else
      state_.code = WEXITSTATUS(status);
  }
  return true;
}

double Worker::seconds() const {
  const auto until = reaped_ ? end_ : std::chrono::steady_clock::now();
  return std::chrono::duration<double>(until - start_).count();
}

void Worker::ask_to_stop() {
  if (!reaped_) ::kill(pid_, SIGTERM);
}

void Worker::kill() {
  if (!reaped_) ::kill(pid_, SIGKILL);
}

}  // namespace hexaplex
