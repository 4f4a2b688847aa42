/* Wine 8 has no bcryptprimitives.dll, and Rust's standard library takes its random numbers from there. Only for check.sh. */
#include <windows.h>
#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length) {
  return RtlGenRandom(data, (ULONG)length);
}
