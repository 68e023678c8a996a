/*
 * Preloaded into a Postgres: while FLAG exists, the file system that holds its working directory, the data folder, is
 * full. Files neither grow nor get blocks in advance; what they have already may be overwritten. Standard output and
 * error are spared, so that the log tells what happened.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/** Whether there is no room for a file to reach as far as `end`. */
static int full(int fd, off_t end) {
  int before = errno;
  struct stat here, file;
  int result = fd > 2 && access(FLAG, F_OK) == 0 && stat(".", &here) == 0 && fstat(fd, &file) == 0 &&
               S_ISREG(file.st_mode) && file.st_dev == here.st_dev && end > file.st_size;
  errno = before;
  return result;
}

static off_t position(int fd) {
  int before = errno;
  struct stat file;
  off_t result = fcntl(fd, F_GETFL) & O_APPEND && fstat(fd, &file) == 0 ? file.st_size : lseek(fd, 0, SEEK_CUR);
  errno = before;
  return result;
}

static off_t total(const struct iovec *parts, int count) {
  off_t sum = 0;
  for (int part = 0; part < count; part++) sum += (off_t)parts[part].iov_len;
  return sum;
}

#define REFUSE_IF(condition) \
  if (condition) {           \
    errno = ENOSPC;          \
    return -1;               \
  }

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *bytes, size_t length) {
  REFUSE_IF(full(fd, position(fd) + (off_t)length))
  return REAL(write)(fd, bytes, length);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  REFUSE_IF(full(fd, position(fd) + total(parts, count)))
  return REAL(writev)(fd, parts, count);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  REFUSE_IF(full(fd, offset + (off_t)length))
  return REAL(pwrite)(fd, bytes, length, offset);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
  REFUSE_IF(full(fd, offset + total(parts, count)))
  return REAL(pwritev)(fd, parts, count, offset);
}

int posix_fallocate(int fd, off_t offset, off_t length) {
  return full(fd, offset + length) ? ENOSPC : REAL(posix_fallocate)(fd, offset, length);
}
