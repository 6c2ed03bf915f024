/** Names that no value of a formula may take in a kernel: the language's, and the kernel's own. */

const words =
  'alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t class compl const constexpr const_cast continue decltype default delete do double dynamic_cast else enum explicit export extern false float for friend goto if inline int long mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public register reinterpret_cast restrict return short signed sizeof static static_assert static_cast struct switch template this thread_local throw true try typedef typeid typename union unsigned using virtual void volatile wchar_t while xor xor_eq linux unix NULL assert printf malloc free memcpy memset threadIdx blockIdx blockDim gridDim warpSize dim3 uint2 float2 float4 double2 ushort2 ushort4 max min abs exp expf log logf log1p log1pf sqrt sqrtf fabs fabsf tanh tanhf pow powf clock infinity notANumber maximum minimum maximumOfPair minimumOfPair maximumOfPairs minimumOfPairs pair softplus signOf power philox uniform normal widen narrow sumOfLanes largestOfLanes smallestOfLanes largestPlaceOfLanes smallestPlaceOfLanes sumOfBlock largestOfBlock smallestOfBlock largestPlaceOfBlock smallestPlaceOfBlock wins samples channels depth height width outDepth outHeight outWidth points outPoints seedLow seedHigh cell cells item items columns lines sheets own warps part b other otherTap rounded tile local staged firstPlane planes inside from rest0 rest1 rest2 rest3 rest4 within1 within2 p place plane n c od oh ow id ih iw i o lane live window element target part total at outAt rowAt td th tw t'.split(
    ' ',
  )

/** What the loops over an axis are called, with its letter behind. */
const perAxis = ['start', 'from', 'to', 'size', 'last', 'along', 'tile', 'tiles', 'origin', 'at', 'own', 'cell']

export const reserved = [...words, ...perAxis.flatMap((word) => ['', 'D', 'H', 'W'].map((letter) => word + letter))]
