/*
 * Fails one chosen operation on the output files of a program, or ends the program there, for tests alone.
 *
 * Every system call that changes a file is trapped by a seccomp filter and carried out, or not, by the handler of
 * SIGSYS. So it does not matter whether a call came through libc, through a library that makes its own system
 * calls, or through SQLite. It refuses to touch any file outside of SHIM_DIR.
 *
 *   SHIM_DIR   counted are the files below this canonical path whose names are those of outputs
 *   SHIM_LOG   one line for each counted operation: number, operation, name; a first line says that it works
 *   SHIM_AT    the operation that meets its fate, from 1; none without it
 *   SHIM_KIND  eio, enospc         it fails with that error, once
 *              eio-always, ...     it fails, and all later ones of its class
 *              short               a write writes half
 *              crash               the process ends before it
 *              lose                the same, and whatever was not made durable before is undone
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>

/* Stands in the unused sixth argument of our own system calls, which the filter lets pass. */
#define OURS 0x5eed5eedL
#define CRASHED 137
#define LOG_FD 200

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#error "this processor is not known to the shim"
#endif

static long ours(long nr, long a, long b, long c, long d, long e)
{
#if defined(__x86_64__)
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = OURS;
    long result;
    __asm__ volatile("syscall" : "=a"(result)
                     : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
#else
    register long x8 __asm__("x8") = nr;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = OURS;
    __asm__ volatile("svc 0" : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
#endif
}

enum class { OPEN, WRITE, SYNC, TRUNCATE, RENAME, LINK, UNLINK, ALLOCATE };
enum kind { NONE, EIO_ONCE, ENOSPC_ONCE, EIO_ALWAYS, ENOSPC_ALWAYS, SHORT, CRASH, LOSE };
enum fate { GO_ON, FAIL, HALF };

static const char *const class_names[] = {
    "open", "write", "sync", "truncate", "rename", "link", "unlink", "allocate"
};
static const char *const kind_names[] = {
    "none", "eio", "enospc", "eio-always", "enospc-always", "short", "crash", "lose"
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char dir[PATH_MAX];
static const char *log_path;
static enum kind kind;
static long at, count;
static int has_failed;
static enum class failing;

/* Trapped by their numbers; not all exist on all processors. */
static const int trapped_calls[] = {
#ifdef SYS_open
    SYS_open, SYS_creat, SYS_rename, SYS_link, SYS_unlink,
#endif
#ifdef SYS_renameat
    SYS_renameat,
#endif
    SYS_openat, SYS_write, SYS_pwrite64, SYS_writev, SYS_fsync, SYS_fdatasync, SYS_ftruncate,
    SYS_renameat2, SYS_linkat, SYS_unlinkat, SYS_fallocate
};

/* ---- What can be undone ---- */

enum change { DATA, CREATED, RENAMED, UNLINKED };

struct undo {
    enum change change;
    dev_t device;
    ino_t inode;
    int fd;
    off_t offset, size;
    char *bytes;
    size_t length;
    char *folder, *path, *other, *stash;
};

struct file {
    dev_t device;
    ino_t inode;
    int fd;
};

static struct undo *undos;
static size_t undos_used, undos_room;
static struct file *files;
static size_t files_used;
static int stashes;

static void die(const char *why)
{
    ours(SYS_write, 2, (long)why, (long)strlen(why), 0, 0);
    ours(SYS_exit_group, 99, 0, 0, 0, 0);
}

static char *copy(const char *text)
{
    char *it = strdup(text);
    if (!it)
        die("shim: no memory\n");
    return it;
}

static char *folder_of(const char *path)
{
    char *it = copy(path);
    char *slash = strrchr(it, '/');
    if (slash)
        *slash = 0;
    return it;
}

static struct undo *new_undo(enum change change)
{
    if (undos_used == undos_room) {
        undos_room = undos_room ? 2 * undos_room : 256;
        undos = realloc(undos, undos_room * sizeof *undos);
        if (!undos)
            die("shim: no memory\n");
    }
    struct undo *it = &undos[undos_used++];
    memset(it, 0, sizeof *it);
    it->change = change;
    return it;
}

static void forget(struct undo *it)
{
    if (it->stash)
        ours(SYS_unlinkat, AT_FDCWD, (long)it->stash, 0, 0, 0);
    free(it->bytes);
    free(it->folder);
    free(it->path);
    free(it->other);
    free(it->stash);
}

/*
 * A handle of our own for a file. It is never closed: closing any handle of a file gives up the process's locks on
 * it, which SQLite relies on.
 */
static int handle_of(int fd, const struct stat *status)
{
    for (size_t i = 0; i < files_used; i++)
        if (files[i].device == status->st_dev && files[i].inode == status->st_ino)
            return files[i].fd;
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    long own = ours(SYS_openat, AT_FDCWD, (long)link, O_RDWR | O_CLOEXEC, 0, 0);
    if (own < 0)
        die("shim: a file cannot be followed\n");
    files = realloc(files, (files_used + 1) * sizeof *files);
    if (!files)
        die("shim: no memory\n");
    files[files_used++] = (struct file){ status->st_dev, status->st_ino, (int)own };
    return (int)own;
}

/* Keeps what a write or a truncation is about to change. */
static void keep_data(int fd, off_t from, size_t length)
{
    struct stat status;
    if (fstat(fd, &status) || !S_ISREG(status.st_mode))
        return;
    int own = handle_of(fd, &status);
    struct undo *it = new_undo(DATA);
    it->device = status.st_dev;
    it->inode = status.st_ino;
    it->fd = own;
    it->offset = from;
    it->size = status.st_size;
    if (from < status.st_size) {
        size_t there = (size_t)(status.st_size - from);
        it->length = length < there ? length : there;
        it->bytes = malloc(it->length + 1);
        if (!it->bytes || pread(own, it->bytes, it->length, from) != (ssize_t)it->length)
            die("shim: a file cannot be kept\n");
    }
}

/* A second name for a file that is about to lose its own, so that it can come back. */
static char *stash(const char *path)
{
    char name[PATH_MAX];
    snprintf(name, sizeof name, "%s.%d", log_path, ++stashes);
    long linked = ours(SYS_linkat, AT_FDCWD, (long)path, AT_FDCWD, (long)name, 0);
    return linked == 0 ? copy(name) : NULL;
}

static void keep_name(enum change change, const char *path, const char *other, char *stashed)
{
    struct undo *it = new_undo(change);
    it->folder = folder_of(change == RENAMED ? other : path);
    it->path = copy(path);
    it->other = other ? copy(other) : NULL;
    it->stash = stashed;
}

static void settle(int fd)
{
    struct stat status;
    char link[64], folder[PATH_MAX];
    if (fstat(fd, &status))
        return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, folder, sizeof folder - 1);
    folder[length < 0 ? 0 : length] = 0;
    size_t kept = 0;
    for (size_t i = 0; i < undos_used; i++) {
        struct undo *it = &undos[i];
        int is_durable = it->change == DATA
            ? it->device == status.st_dev && it->inode == status.st_ino
            : S_ISDIR(status.st_mode) && !strcmp(it->folder, folder);
        if (is_durable)
            forget(it);
        else
            undos[kept++] = *it;
    }
    undos_used = kept;
}

static void lose(void)
{
    while (undos_used > 0) {
        struct undo *it = &undos[--undos_used];
        switch (it->change) {
        case DATA:
            if (it->length)
                ours(SYS_pwrite64, it->fd, (long)it->bytes, (long)it->length, it->offset, 0);
            ours(SYS_ftruncate, it->fd, it->size, 0, 0, 0);
            break;
        case CREATED:
            ours(SYS_unlinkat, AT_FDCWD, (long)it->path, 0, 0, 0);
            break;
        case RENAMED:
            ours(SYS_renameat2, AT_FDCWD, (long)it->other, AT_FDCWD, (long)it->path, 0);
            if (it->stash)
                ours(SYS_renameat2, AT_FDCWD, (long)it->stash, AT_FDCWD, (long)it->other, 0);
            break;
        case UNLINKED:
            if (it->stash)
                ours(SYS_renameat2, AT_FDCWD, (long)it->stash, AT_FDCWD, (long)it->path, 0);
            break;
        }
    }
}

/* ---- Which files count ---- */

static int is_output(const char *path)
{
    size_t length = strlen(dir);
    if (!length || strncmp(path, dir, length) || path[length] != '/')
        return 0;
    const char *name = strrchr(path, '/') + 1;
    return strstr(name, ".boxlift") || strstr(name, ".report.") || strstr(name, ".rejects")
        || strstr(name, ".part") || (name[0] == '#' && strstr(name, " (deleted)"));
}

/* SQLite makes this file anew whenever it is needed, and changes it past all system calls. */
static int is_rebuilt(const char *path)
{
    size_t length = strlen(path);
    return length > 4 && !strcmp(path + length - 4, "-shm");
}

static int path_of_fd(int fd, char *path)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    return is_output(path) || !strcmp(path, dir);
}

/* The canonical folder and the last part of a name, which need not exist. */
static int path_of_name(int base, const char *name, char *path)
{
    char folder[PATH_MAX], link[64];
    if (!name || strlen(name) >= sizeof folder)
        return 0;
    strcpy(folder, name);
    char *slash = strrchr(folder, '/');
    const char *last = slash ? strrchr(name, '/') + 1 : name;
    if (slash == folder)
        return 0;
    if (slash)
        *slash = 0;
    else
        strcpy(folder, ".");
    long fd = ours(SYS_openat, base, (long)folder, O_PATH | O_DIRECTORY | O_CLOEXEC, 0, 0);
    if (fd < 0)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%ld", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    ours(SYS_close, fd, 0, 0, 0, 0);
    if (length < 0 || (size_t)length + strlen(last) + 2 > PATH_MAX)
        return 0;
    path[length] = '/';
    strcpy(path + length + 1, last);
    return is_output(path);
}

/* ---- What happens to one operation ---- */

static enum fate counted(enum class class, const char *path)
{
    char line[PATH_MAX + 64];
    const char *name = strlen(path) > strlen(dir) ? path + strlen(dir) + 1 : ".";
    count++;
    int length = snprintf(line, sizeof line, "%ld %s %s\n", count, class_names[class], name);
    ours(SYS_write, LOG_FD, (long)line, length, 0, 0);
    int is_now = at > 0 && count == at;
    if (is_now && (kind == CRASH || kind == LOSE)) {
        if (kind == LOSE)
            lose();
        ours(SYS_exit_group, CRASHED, 0, 0, 0, 0);
    }
    if (is_now && kind == SHORT)
        return class == WRITE ? HALF : GO_ON;
    int is_space = kind == ENOSPC_ONCE || kind == ENOSPC_ALWAYS;
    if (is_space && class == UNLINK)
        return GO_ON;
    if (is_now && kind != NONE) {
        has_failed = 1;
        failing = class;
        return FAIL;
    }
    int is_always = kind == EIO_ALWAYS || kind == ENOSPC_ALWAYS;
    return is_always && has_failed && class == failing ? FAIL : GO_ON;
}

static long error(void)
{
    return kind == ENOSPC_ONCE || kind == ENOSPC_ALWAYS ? -ENOSPC : -EIO;
}

static int keeps(const char *path)
{
    return kind == LOSE && !is_rebuilt(path);
}

static long opening(long base, const char *name, long flags, long mode)
{
    char path[PATH_MAX];
    struct stat status;
    int makes_nameless = (flags & O_TMPFILE) == O_TMPFILE;
    if (makes_nameless || (flags & O_ACCMODE) == O_RDONLY || !path_of_name((int)base, name, path))
        return ours(SYS_openat, base, (long)name, flags, mode, 0);
    if (counted(OPEN, path) == FAIL)
        return error();
    int was_there = fstatat(AT_FDCWD, path, &status, AT_SYMLINK_NOFOLLOW) == 0;
    if (was_there && (flags & O_TRUNC) && keeps(path)) {
        long fd = ours(SYS_openat, base, (long)name, O_RDWR | O_CLOEXEC, 0, 0);
        if (fd >= 0)
            keep_data((int)fd, 0, (size_t)status.st_size);
    }
    long fd = ours(SYS_openat, base, (long)name, flags, mode, 0);
    if (fd >= 0 && !was_there && keeps(path))
        keep_name(CREATED, path, NULL, NULL);
    return fd;
}

static long writing(long nr, long fd, long data, long size, long offset)
{
    char path[PATH_MAX];
    struct iovec half;
    if (!path_of_fd((int)fd, path))
        return ours(nr, fd, data, size, offset, 0);
    enum fate fate = counted(WRITE, path);
    if (fate == FAIL)
        return error();
    size_t total = (size_t)size;
    if (nr == SYS_writev) {
        total = 0;
        for (long i = 0; i < size; i++)
            total += ((const struct iovec *)data)[i].iov_len;
    }
    if (keeps(path)) {
        off_t from = offset;
        if (nr != SYS_pwrite64) {
            int is_append = fcntl((int)fd, F_GETFL) & O_APPEND;
            from = lseek((int)fd, 0, is_append ? SEEK_END : SEEK_CUR);
        }
        keep_data((int)fd, from, total);
    }
    if (fate == HALF && total > 1) {
        if (nr != SYS_writev)
            return ours(nr, fd, data, size / 2, offset, 0);
        half = *(const struct iovec *)data;
        half.iov_len = half.iov_len < total ? half.iov_len : total / 2;
        return ours(SYS_writev, fd, (long)&half, 1, 0, 0);
    }
    return ours(nr, fd, data, size, offset, 0);
}

static long syncing(long nr, long fd)
{
    char path[PATH_MAX];
    if (!path_of_fd((int)fd, path))
        return ours(nr, fd, 0, 0, 0, 0);
    /* What a failed sync wrote nobody knows; here it is taken for not written. */
    if (counted(SYNC, path) == FAIL)
        return error();
    long result = ours(nr, fd, 0, 0, 0, 0);
    if (result == 0 && kind == LOSE)
        settle((int)fd);
    return result;
}

static long sizing(enum class class, long nr, const long *argument)
{
    char path[PATH_MAX];
    long fd = argument[0];
    if (path_of_fd((int)fd, path)) {
        struct stat status;
        if (counted(class, path) == FAIL)
            return error();
        if (keeps(path) && fstat((int)fd, &status) == 0) {
            off_t from = class == TRUNCATE ? argument[1] : status.st_size;
            size_t length = from < status.st_size ? (size_t)(status.st_size - from) : 0;
            keep_data((int)fd, from, length);
        }
    }
    return ours(nr, fd, argument[1], argument[2], argument[3], 0);
}

static long renaming(long from, const char *old, long to, const char *new, long flags)
{
    char path[PATH_MAX], other[PATH_MAX];
    int is_counted = path_of_name((int)from, old, path);
    is_counted |= path_of_name((int)to, new, other);
    if (!is_counted)
        return ours(SYS_renameat2, from, (long)old, to, (long)new, flags);
    if (counted(RENAME, other) == FAIL)
        return error();
    char *kept = keeps(other) ? stash(other) : NULL;
    long result = ours(SYS_renameat2, from, (long)old, to, (long)new, flags);
    if (result == 0 && keeps(other))
        keep_name(RENAMED, path, other, kept);
    return result;
}

static long linking(long from, const char *old, long to, const char *new, long flags)
{
    char path[PATH_MAX];
    int is_counted = path_of_name((int)to, new, path);
    if (is_counted && counted(LINK, path) == FAIL)
        return error();
    long result = ours(SYS_linkat, from, (long)old, to, (long)new, flags);
    if (result == 0 && is_counted && keeps(path))
        keep_name(CREATED, path, NULL, NULL);
    return result;
}

static long unlinking(long base, const char *name, long flags)
{
    char path[PATH_MAX];
    if ((flags & AT_REMOVEDIR) || !path_of_name((int)base, name, path))
        return ours(SYS_unlinkat, base, (long)name, flags, 0, 0);
    if (counted(UNLINK, path) == FAIL)
        return error();
    char *kept = keeps(path) ? stash(path) : NULL;
    long result = ours(SYS_unlinkat, base, (long)name, flags, 0, 0);
    if (result == 0 && kept)
        keep_name(UNLINKED, path, NULL, kept);
    return result;
}

static long serve(long nr, const long *a)
{
    const char *first = (const char *)a[0], *second = (const char *)a[1];
    switch (nr) {
#ifdef SYS_open
    case SYS_open:
        return opening(AT_FDCWD, first, a[1], a[2]);
    case SYS_creat:
        return opening(AT_FDCWD, first, O_CREAT | O_WRONLY | O_TRUNC, a[1]);
    case SYS_rename:
        return renaming(AT_FDCWD, first, AT_FDCWD, second, 0);
    case SYS_link:
        return linking(AT_FDCWD, first, AT_FDCWD, second, 0);
    case SYS_unlink:
        return unlinking(AT_FDCWD, first, 0);
#endif
#ifdef SYS_renameat
    case SYS_renameat:
        return renaming(a[0], second, a[2], (const char *)a[3], 0);
#endif
    case SYS_openat:
        return opening(a[0], second, a[2], a[3]);
    case SYS_write:
    case SYS_pwrite64:
    case SYS_writev:
        return writing(nr, a[0], a[1], a[2], a[3]);
    case SYS_fsync:
    case SYS_fdatasync:
        return syncing(nr, a[0]);
    case SYS_ftruncate:
        return sizing(TRUNCATE, nr, a);
    case SYS_fallocate:
        return sizing(ALLOCATE, nr, a);
    case SYS_renameat2:
        return renaming(a[0], second, a[2], (const char *)a[3], a[4]);
    case SYS_linkat:
        return linking(a[0], second, a[2], (const char *)a[3], a[4]);
    case SYS_unlinkat:
        return unlinking(a[0], second, a[2]);
    }
    return -ENOSYS;
}

/* Whether a call is about an output at all; decided without the lock, which a signal handler's write must not meet. */
static int concerns_us(long nr, const long *a)
{
    char path[PATH_MAX];
    switch (nr) {
    case SYS_write:
    case SYS_pwrite64:
    case SYS_writev:
    case SYS_fsync:
    case SYS_fdatasync:
    case SYS_ftruncate:
    case SYS_fallocate:
        return path_of_fd((int)a[0], path);
    }
    return 1;
}

static void trapped(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    int before = errno;
    long nr = info->si_syscall;
#if defined(__x86_64__)
    greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
    const long a[] = { r[REG_RDI], r[REG_RSI], r[REG_RDX], r[REG_R10], r[REG_R8] };
#else
    unsigned long long *r = ((ucontext_t *)context)->uc_mcontext.regs;
    const long a[] = { r[0], r[1], r[2], r[3], r[4] };
#endif
    long result;
    if (concerns_us(nr, a)) {
        pthread_mutex_lock(&lock);
        result = serve(nr, a);
        pthread_mutex_unlock(&lock);
    } else {
        result = ours(nr, a[0], a[1], a[2], a[3], a[4]);
    }
#if defined(__x86_64__)
    r[REG_RAX] = result;
#else
    r[0] = result;
#endif
    errno = before;
}

static int install(void)
{
    enum { CALLS = sizeof trapped_calls / sizeof *trapped_calls };
    struct sock_filter program[CALLS + 8];
    unsigned short n = 0;
    const unsigned sixth = offsetof(struct seccomp_data, args[5]);
    program[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                                offsetof(struct seccomp_data, arch));
    program[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 0, CALLS + 3);
    program[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, sixth);
    program[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OURS, CALLS + 1, 0);
    program[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                                offsetof(struct seccomp_data, nr));
    for (int i = 0; i < CALLS; i++)
        program[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                                                    (unsigned)trapped_calls[i],
                                                    (unsigned char)(CALLS - i), 0);
    program[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    program[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP);
    struct sock_fprog whole = { n, program };
    struct sigaction action = { .sa_sigaction = trapped,
                                .sa_flags = SA_SIGINFO | SA_NODEFER | SA_RESTART };
    sigemptyset(&action.sa_mask);
    return sigaction(SIGSYS, &action, NULL) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &whole);
}

__attribute__((constructor)) static void begin(void)
{
    const char *folder = getenv("SHIM_DIR"), *number = getenv("SHIM_AT");
    const char *wanted = getenv("SHIM_KIND");
    log_path = getenv("SHIM_LOG");
    if (!folder || !log_path || strlen(folder) >= sizeof dir)
        return;
    strcpy(dir, folder);
    log_path = copy(log_path);
    at = number ? atol(number) : 0;
    for (size_t i = 0; wanted && i < sizeof kind_names / sizeof *kind_names; i++)
        if (!strcmp(kind_names[i], wanted))
            kind = (enum kind)i;
    int fd = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0 || dup3(fd, LOG_FD, O_CLOEXEC) < 0)
        return;
    close(fd);
    if (install() == 0)
        ours(SYS_write, LOG_FD, (long)"ready\n", 6, 0, 0);
}
