"""What auto-ep is set to: its rows, and how each catalogue is read."""

# As in the image.
ALLOCATOR = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "131072"}
ROWS = {
    "EP_BRAND": "IKEA", "EP_TITLE_PREFIX": "이케아", "EP_SHIPPING": "5000", "EP_DELIVERY_GRADE": "Y",
    "EP_DELIVERY_DETAIL": "지역과 제품 크기에 따라 배송비가 달라집니다",
    "EP_LINK_PARAMS": "utm_source=naver&utm_medium=ep", "EP_MAX_ROWS": "2000000",
}
# How each source is read: its preset, and what else it takes.
BASE = '{"base": "https://shop.example/"}'
SOURCES = {
    "listing.json": {"CATALOG_PRESET": "ikea:kr/ko"},
    "escaped.json": {"CATALOG_PRESET": "ikea:kr/ko"},
    "variants.json": {"CATALOG_PRESET": "ikea:kr/ko"},
    "listing.json.gz": {"CATALOG_PRESET": "ikea:kr/ko"},
    "shopify.json": {"CATALOG_PRESET": "shopify", "CATALOG_MAP": BASE, "EP_BRAND": "", "EP_TITLE_PREFIX": ""},
    "woocommerce.json": {"CATALOG_PRESET": "woocommerce", "CATALOG_MAP": BASE, "EP_BRAND": "", "EP_TITLE_PREFIX": ""},
    "merchant.tsv": {"CATALOG_PRESET": "merchant", "EP_BRAND": "", "EP_TITLE_PREFIX": ""},
}
# Those of the listing's shape, which the rivals read as well.
LISTINGS = ["listing.json", "escaped.json", "variants.json"]
