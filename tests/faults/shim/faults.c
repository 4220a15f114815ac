/* Faults below the program: counts the calls that change files under one folder, and makes one of them go wrong.
 *
 * Preloaded (LD_PRELOAD), it stands between a program and its C library. It is told what to do by the environment:
 *
 *   FAULTS_ROOT     folder; calls on paths elsewhere pass untouched and uncounted
 *   FAULTS_TRACE    file; one line for each counted call: number, nanoseconds (monotonic), operation, path, second path or length
 *   FAULTS_MODE     kill-before | kill-after | fail | fail-after | hang | short   (empty: only count)
 *   FAULTS_AT       the call to meet, from 1
 *   FAULTS_FILE     in place of FAULTS_AT: from the first call on after this file has appeared, as a whole disk goes
 *                   bad under several programs at once. Then `hang` meets the first sync, and ENOSPC spares calls
 *                   that need no room (rename, link, remove)
 *   FAULTS_ONWARD   1: that call and every later one
 *   FAULTS_ERRNO    ENOSPC | EIO | EROFS
 *   FAULTS_SECONDS  how long `hang` holds one call up
 *   FAULTS_LOSE     1: a killing also takes back what was written and not synced, as a power cut may
 *   FAULTS_CLOCK_AT, FAULTS_CLOCK_FILE, FAULTS_CLOCK_BACK
 *                   from that reading of CLOCK_REALTIME on, or from the first one after the file has appeared, the
 *                   clock is so many seconds behind; no other clock is touched
 *
 * `fail` does not perform the call; `fail-after` performs it and reports failure all the same.
 * The environment is read when the library is loaded and again by faults_arm().
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum mode { COUNT, KILL_BEFORE, KILL_AFTER, FAIL, FAIL_AFTER, HANG, SHORT };

static struct {
    char root[PATH_MAX];
    size_t root_length;
    int trace;
    enum mode mode;
    long at;
    char file[PATH_MAX];
    int onward, error, lose;
    double seconds;
    long clock_at, clock_back;
    char clock_file[PATH_MAX];
} plan = {.trace = -1};

static long calls, readings;
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static long number_of(const char *name) {
    const char *text = getenv(name);
    return text ? atol(text) : 0;
}

static int error_of(const char *text) {
    if (text && !strcmp(text, "ENOSPC")) return ENOSPC;
    if (text && !strcmp(text, "EROFS")) return EROFS;
    return EIO;
}

__attribute__((constructor)) void faults_arm(void) {
    static const char *const modes[] = {"", "kill-before", "kill-after", "fail", "fail-after", "hang", "short"};
    const char *root = getenv("FAULTS_ROOT"), *trace = getenv("FAULTS_TRACE"), *mode = getenv("FAULTS_MODE");
    const char *seconds = getenv("FAULTS_SECONDS");
    plan.root_length = 0;
    if (!root || !*root || strlen(root) >= sizeof plan.root) return;
    strcpy(plan.root, root);
    plan.mode = COUNT;
    for (int each = KILL_BEFORE; mode && each <= SHORT; each++)
        if (!strcmp(mode, modes[each])) plan.mode = (enum mode)each;
    plan.at = number_of("FAULTS_AT");
    const char *appears = getenv("FAULTS_FILE");
    snprintf(plan.file, sizeof plan.file, "%s", appears ? appears : "");
    plan.onward = (int)number_of("FAULTS_ONWARD");
    plan.lose = (int)number_of("FAULTS_LOSE");
    plan.error = error_of(getenv("FAULTS_ERRNO"));
    plan.seconds = seconds ? atof(seconds) : 0;
    plan.clock_at = number_of("FAULTS_CLOCK_AT");
    plan.clock_back = number_of("FAULTS_CLOCK_BACK");
    const char *sign = getenv("FAULTS_CLOCK_FILE");
    snprintf(plan.clock_file, sizeof plan.clock_file, "%s", sign ? sign : "");
    calls = readings = 0;
    if (trace) plan.trace = (int)syscall(SYS_openat, AT_FDCWD, trace, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    plan.root_length = strlen(plan.root);
}

static long long monotonic(void) {
    struct timespec now;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void tell(const char *text, size_t length) {
    if (plan.trace >= 0) (void)!syscall(SYS_write, plan.trace, text, length);
}

/* -- which calls count ------------------------------------------------------------------------------------------- */

static const char *below(const char *path) {
    if (strncmp(path, plan.root, plan.root_length)) return NULL;
    path += plan.root_length;
    return *path == '/' ? path + 1 : *path ? NULL : ".";
}

static const char *of_file(int file, char *buffer) {
    char link[40];
    if (!plan.root_length) return NULL;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, buffer, PATH_MAX - 1);
    if (length <= 0) return NULL;
    buffer[length] = 0;
    return below(buffer);
}

static const char *of_path(int folder, const char *path, char *buffer) {
    if (!plan.root_length || !path) return NULL;
    if (*path == '/') return below(path);
    char base[PATH_MAX];
    if (folder == AT_FDCWD ? !getcwd(base, sizeof base) : !of_file(folder, base)) return NULL;
    if (snprintf(buffer, PATH_MAX, "%s/%s", base, path) >= PATH_MAX) return NULL;
    return below(buffer);
}

/* -- what was written and not synced ------------------------------------------------------------------------------ */

struct undo {
    struct undo *older;
    int file;
    off_t offset, size;
    size_t length;
    char old[];
};
static struct undo *unsynced;

/* One handle of our own for each file, never closed: the program may close its own before the killing, and closing
 * any handle of a file would give back the program's locks on it. */
#define FILES 256
static struct { dev_t device; ino_t inode; int file; } known[FILES];

static int handle_of(int file, off_t *size) {
    struct stat status;
    char link[40];
    if (fstat(file, &status) || !S_ISREG(status.st_mode)) return -1;
    if (size) *size = status.st_size;
    int each = 0;
    for (; each < FILES && known[each].inode; each++)
        if (known[each].inode == status.st_ino && known[each].device == status.st_dev) return known[each].file;
    if (each == FILES) abort();
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    int own = (int)syscall(SYS_openat, AT_FDCWD, link, O_RDWR | O_CLOEXEC);
    if (own < 0) abort();
    known[each].device = status.st_dev;
    known[each].inode = status.st_ino;
    return known[each].file = own;
}

static void remember(int file, off_t offset, size_t length) {
    off_t size;
    int own = plan.lose ? handle_of(file, &size) : -1;
    if (own < 0) return;
    struct undo *note = malloc(sizeof *note + length);
    if (!note) abort();
    if (offset < 0) offset = fcntl(file, F_GETFL) & O_APPEND ? size : lseek(file, 0, SEEK_CUR);
    ssize_t got = syscall(SYS_pread64, own, note->old, length, offset);
    note->older = unsynced;
    note->file = own;
    note->offset = offset;
    note->size = size;
    note->length = got > 0 ? (size_t)got : 0;
    unsynced = note;
}

static void synced(int file) {
    int own = plan.lose ? handle_of(file, NULL) : -1;
    if (own < 0) return;
    for (struct undo **at = &unsynced; *at;) {
        struct undo *note = *at;
        if (note->file == own) {
            *at = note->older;
            free(note);
        } else
            at = &note->older;
    }
}

static void die(void) {
    for (struct undo *note = unsynced; note; note = note->older) {
        (void)!syscall(SYS_pwrite64, note->file, note->old, note->length, note->offset);
        (void)!syscall(SYS_ftruncate, note->file, note->size);
    }
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* -- what happens to a call ------------------------------------------------------------------------------------- */

static int needs_no_room(const char *operation) {
    return !strcmp(operation, "rename") || !strcmp(operation, "link") || !strcmp(operation, "remove");
}

/* Whether the disk has gone bad, and in a way that this call meets. */
static int spared(const char *operation, long number) {
    if (!*plan.file) return 0;
    if (plan.mode == HANG ? strcmp(operation, "sync") : plan.error == ENOSPC && needs_no_room(operation)) return 1;
    if (!plan.at && !syscall(SYS_faccessat, AT_FDCWD, plan.file, F_OK)) plan.at = number;
    return 0;
}

/* Counts the call; returns what is to be done with it: COUNT, or the mode if it is the one that is meant. */
static enum mode meet(const char *operation, const char *path, const char *second) {
    char line[3 * PATH_MAX];
    pthread_mutex_lock(&one_at_a_time);
    long number = ++calls;
    int length = snprintf(line, sizeof line, "%ld\t%lld\t%s\t%s\t%s\n", number, monotonic(), operation, path,
                          second ? second : "");
    tell(line, (size_t)length);
    int spare = spared(operation, number);
    pthread_mutex_unlock(&one_at_a_time);
    int met = !spare && plan.at && (number == plan.at || (plan.onward && number > plan.at));
    if (!met) return COUNT;
    if (plan.mode == KILL_BEFORE) die();
    if (plan.mode == HANG) {
        struct timespec left = {(time_t)plan.seconds, (long)((plan.seconds - (double)(time_t)plan.seconds) * 1e9)};
        while (nanosleep(&left, &left) && errno == EINTR) {}
    }
    return plan.mode;
}

/* CALL performs it and gives its result; UNDO takes back what only the caller could (an open file). */
#define MET(PATH, OPERATION, SECOND, CALL, UNDO)                             \
    const char *path_ = (PATH);                                              \
    if (!path_) return (CALL);                                               \
    enum mode mode_ = meet((OPERATION), path_, (SECOND));                    \
    if (mode_ == FAIL) return errno = plan.error, -1;                        \
    __auto_type result = (CALL);                                             \
    if (mode_ == KILL_AFTER) die();                                          \
    if (mode_ == FAIL_AFTER) { UNDO; errno = plan.error; return -1; }        \
    return result

#define NOTHING (void)0

static size_t halved(size_t length) { return length > 1 ? length / 2 : length; }

/* -- writing ---------------------------------------------------------------------------------------------------- */

#define WRITE(OFFSET, WHOLE, HALF)                                           \
    char buffer[PATH_MAX];                                                   \
    const char *path_ = of_file(file, buffer);                               \
    if (!path_) return (WHOLE);                                              \
    char size_[24];                                                          \
    snprintf(size_, sizeof size_, "%zu", length);                            \
    enum mode mode_ = meet("write", path_, size_);                           \
    if (mode_ == FAIL) return errno = plan.error, -1;                        \
    remember(file, (OFFSET), length);                                        \
    ssize_t result = mode_ == SHORT ? (HALF) : (WHOLE);                      \
    if (mode_ == KILL_AFTER) die();                                          \
    if (mode_ == FAIL_AFTER) return errno = plan.error, -1;                  \
    return result

ssize_t write(int file, const void *data, size_t length) {
    __typeof__(&write) real = REAL(write);
    WRITE(-1, real(file, data, length), real(file, data, halved(length)));
}

ssize_t pwrite(int file, const void *data, size_t length, off_t offset) {
    __typeof__(&pwrite) real = REAL(pwrite);
    WRITE(offset, real(file, data, length, offset), real(file, data, halved(length), offset));
}

ssize_t pwrite64(int file, const void *data, size_t length, off64_t offset) {
    __typeof__(&pwrite64) real = REAL(pwrite64);
    WRITE(offset, real(file, data, length, offset), real(file, data, halved(length), offset));
}

ssize_t writev(int file, const struct iovec *parts, int count) {
    __typeof__(&writev) real = REAL(writev);
    size_t length = 0;
    for (int each = 0; each < count; each++) length += parts[each].iov_len;
    WRITE(-1, real(file, parts, count), real(file, parts, count > 1 ? 1 : count));
}

int ftruncate(int file, off_t length) {
    char buffer[PATH_MAX];
    MET(of_file(file, buffer), "truncate", NULL, REAL(ftruncate)(file, length), NOTHING);
}

int ftruncate64(int file, off64_t length) {
    char buffer[PATH_MAX];
    MET(of_file(file, buffer), "truncate", NULL, REAL(ftruncate64)(file, length), NOTHING);
}

static int then_synced(int file, int result) {
    if (result == 0) synced(file);
    return result;
}

int fsync(int file) {
    char buffer[PATH_MAX];
    MET(of_file(file, buffer), "sync", NULL, then_synced(file, REAL(fsync)(file)), NOTHING);
}

int fdatasync(int file) {
    char buffer[PATH_MAX];
    MET(of_file(file, buffer), "sync", NULL, then_synced(file, REAL(fdatasync)(file)), NOTHING);
}

/* -- names ------------------------------------------------------------------------------------------------------- */

#define TWO_NAMES(OPERATION, FROM_FOLDER, TO_FOLDER, CALL)                   \
    char first[PATH_MAX], second[PATH_MAX];                                  \
    const char *from_ = of_path((FROM_FOLDER), from, first);                 \
    const char *to_ = of_path((TO_FOLDER), to, second);                      \
    MET(from_ ? from_ : to_, (OPERATION), to_, CALL, NOTHING)

int rename(const char *from, const char *to) {
    TWO_NAMES("rename", AT_FDCWD, AT_FDCWD, REAL(rename)(from, to));
}

int renameat(int from_folder, const char *from, int to_folder, const char *to) {
    TWO_NAMES("rename", from_folder, to_folder, REAL(renameat)(from_folder, from, to_folder, to));
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
    TWO_NAMES("rename", from_folder, to_folder, REAL(renameat2)(from_folder, from, to_folder, to, flags));
}

int link(const char *from, const char *to) {
    TWO_NAMES("link", AT_FDCWD, AT_FDCWD, REAL(link)(from, to));
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
    TWO_NAMES("link", from_folder, to_folder, REAL(linkat)(from_folder, from, to_folder, to, flags));
}

int unlink(const char *path) {
    char buffer[PATH_MAX];
    MET(of_path(AT_FDCWD, path, buffer), "remove", NULL, REAL(unlink)(path), NOTHING);
}

int unlinkat(int folder, const char *path, int flags) {
    char buffer[PATH_MAX];
    MET(of_path(folder, path, buffer), "remove", NULL, REAL(unlinkat)(folder, path, flags), NOTHING);
}

/* A folder that is there already changes nothing: only the making of new ones counts. */
static const char *fresh(int folder, const char *path, char *buffer) {
    const char *found = of_path(folder, path, buffer);
    return found && faccessat(folder, path, F_OK, 0) ? found : NULL;
}

int mkdir(const char *path, mode_t mode) {
    char buffer[PATH_MAX];
    MET(fresh(AT_FDCWD, path, buffer), "mkdir", NULL, REAL(mkdir)(path, mode), NOTHING);
}

int mkdirat(int folder, const char *path, mode_t mode) {
    char buffer[PATH_MAX];
    MET(fresh(folder, path, buffer), "mkdir", NULL, REAL(mkdirat)(folder, path, mode), NOTHING);
}

/* -- opening ----------------------------------------------------------------------------------------------------- */

static const char *opened_to_write(int folder, const char *path, int flags, char *buffer) {
    int writes = (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC));
    return writes ? of_path(folder, path, buffer) : NULL;
}

static const char *opening(int folder, const char *path, int flags) {
    if ((flags & O_CREAT) && faccessat(folder, path, F_OK, 0)) return "create";
    return flags & O_TRUNC ? "empty" : "open";
}

#define MODE_OF_ARGUMENTS                                                    \
    mode_t mode = 0;                                                         \
    if (flags & (O_CREAT | O_TMPFILE)) {                                     \
        va_list rest;                                                        \
        va_start(rest, flags);                                               \
        mode = va_arg(rest, mode_t);                                         \
        va_end(rest);                                                        \
    }                                                                        \
    char buffer[PATH_MAX]

#define OPEN(FOLDER, CALL)                                                   \
    MODE_OF_ARGUMENTS;                                                       \
    MET(opened_to_write((FOLDER), path, flags, buffer), opening((FOLDER), path, flags), NULL, CALL, close(result))

int open(const char *path, int flags, ...) { OPEN(AT_FDCWD, REAL(open)(path, flags, mode)); }
int open64(const char *path, int flags, ...) { OPEN(AT_FDCWD, REAL(open64)(path, flags, mode)); }
int openat(int folder, const char *path, int flags, ...) { OPEN(folder, REAL(openat)(folder, path, flags, mode)); }
int openat64(int folder, const char *path, int flags, ...) { OPEN(folder, REAL(openat64)(folder, path, flags, mode)); }

/* -- the wall clock --------------------------------------------------------------------------------------------- */

static long behind(void) {
    if (!plan.clock_back) return 0;
    long number = __atomic_add_fetch(&readings, 1, __ATOMIC_SEQ_CST);
    if (!plan.clock_at && *plan.clock_file && !syscall(SYS_faccessat, AT_FDCWD, plan.clock_file, F_OK))
        plan.clock_at = number;
    if (number == plan.clock_at) {
        char line[64];
        tell(line, (size_t)snprintf(line, sizeof line, "0\t%lld\tclock\t%ld\t\n", monotonic(), number));
    }
    return plan.clock_at && number >= plan.clock_at ? plan.clock_back : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int result = REAL(clock_gettime)(clock, now);
    if (result == 0 && clock == CLOCK_REALTIME) now->tv_sec -= behind();
    return result;
}

time_t time(time_t *now) {
    time_t read = REAL(time)(NULL) - behind();
    if (now) *now = read;
    return read;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    int result = REAL(gettimeofday)(now, zone);
    if (result == 0) now->tv_sec -= behind();
    return result;
}
