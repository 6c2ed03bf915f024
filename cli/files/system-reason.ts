/** Errors of the system in words, for whoever named the file. */

/** What the system says of a failure, without the path that messages name already. */
export const systemReason = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  switch (code) {
    case 'ENOENT':
      return 'there is no such file or folder'
    case 'EACCES':
    case 'EPERM':
      return 'permission is denied'
    case 'EISDIR':
      return 'it is a folder'
    case 'ENOTDIR':
      return 'a part of its path is no folder'
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full'
    case 'EROFS':
      return 'the disk is read-only'
    case 'ELOOP':
      return 'its links lead in a circle'
    case undefined:
      return error instanceof Error ? error.message : String(error)
    default:
      return code
  }
}
