// The listing's feed with simdjson's on-demand API, on one core: one pass over each product, in the order of its text.
//
//   listing CATALOGUE FEED EXCLUDED
//
// What it does not do stands in benches/README.md.

#include "simdjson.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

using namespace simdjson;
using std::string;
using std::string_view;

static const char *COLUMNS =
    "id\ttitle\tprice_pc\tprice_mobile\tnormal_price\tlink\tmobile_link\timage_link\tadd_image_link\tcategory_name1\t"
    "category_name2\tcategory_name3\tcategory_name4\tcondition\tmanufacture_define_number\tbrand\tmaker\t"
    "installation_costs\treview_count\tshipping\tdelivery_grade\tdelivery_detail\n";
static const char *REST = "\t5000\tY\t지역과 제품 크기에 따라 배송비가 달라집니다\n";

struct Level {
    string_view name, key;
};

struct Product {
    string_view id, name, kind, design, measure, main_image, context_image, page, tag, tag_text, badge;
    string_view currency, price_tag, price_tag_text, price_badge, previous;
    std::optional<double> stated;
    std::optional<uint64_t> reviews;
    bool sellable = true;
    std::vector<Level> path;
    std::vector<string_view> images;
    // Read when the product itself is, for their product's path may stand behind them.
    std::vector<string_view> variants;

    // The lists keep their room.
    void clear() {
        Product empty;
        empty.path.swap(path);
        empty.images.swap(images);
        empty.variants.swap(variants);
        empty.path.clear();
        empty.images.clear();
        empty.variants.clear();
        *this = std::move(empty);
    }
};

static string_view text(ondemand::value value) {
    string_view found;
    return value.get_string().get(found) ? string_view{} : found;
}

static void read_price(ondemand::value value, Product &product) {
    ondemand::object object;
    if (value.get_object().get(object)) return;
    for (auto field : object) {
        string_view key = field.escaped_key();
        if (key == "numeral") {
            double number;
            if (!field.value().get_double().get(number)) product.stated = number;
        } else if (key == "currencyCode") {
            product.currency = text(field.value());
        } else if (key == "tag") {
            product.price_tag = text(field.value());
        } else if (key == "tagWithText") {
            product.price_tag_text = text(field.value());
        } else if (key == "badge") {
            product.price_badge = text(field.value());
        } else if (key == "previous") {
            ondemand::object previous;
            if (field.value().get_object().get(previous)) continue;
            for (auto part : previous) {
                if (string_view(part.escaped_key()) == "wholeNumber") product.previous = text(part.value());
            }
        }
    }
}

static void read(ondemand::object object, Product &product) {
    for (auto field : object) {
        string_view key = field.escaped_key();
        ondemand::value value = field.value();
        switch (key.size()) {
        case 3:
            if (key == "tag") product.tag = text(value);
            break;
        case 4:
            if (key == "name") product.name = text(value);
            break;
        case 5:
            if (key == "badge") product.badge = text(value);
            break;
        case 6:
            if (key == "itemNo") product.id = text(value);
            if (key == "pipUrl") product.page = text(value);
            break;
        case 8:
            if (key == "typeName") product.kind = text(value);
            break;
        case 10:
            if (key == "salesPrice") read_price(value, product);
            break;
        case 11: {
            uint64_t count;
            if (key == "ratingCount" && !value.get_uint64().get(count)) product.reviews = count;
            if (key == "tagWithText") product.tag_text = text(value);
            break;
        }
        case 12: {
            if (key == "mainImageUrl") product.main_image = text(value);
            ondemand::array levels;
            if (key != "categoryPath" || value.get_array().get(levels)) break;
            for (ondemand::value level : levels) {
                ondemand::object parts;
                if (level.get_object().get(parts)) continue;
                Level found;
                for (auto part : parts) {
                    string_view name = part.escaped_key();
                    if (name == "name") found.name = text(part.value());
                    if (name == "key") found.key = text(part.value());
                }
                product.path.push_back(found);
            }
            break;
        }
        case 14: {
            bool sellable;
            if (key == "onlineSellable" && !value.get_bool().get(sellable)) product.sellable = sellable;
            ondemand::object description;
            if (key != "gprDescription" || value.get_object().get(description)) break;
            for (auto part : description) {
                ondemand::array variants;
                if (string_view(part.escaped_key()) != "variants" || part.value().get_array().get(variants)) continue;
                for (ondemand::value variant : variants) product.variants.push_back(variant.raw_json());
            }
            break;
        }
        case 15: {
            if (key == "validDesignText") product.design = text(value);
            ondemand::array images;
            if (key != "allProductImage" || value.get_array().get(images)) break;
            for (ondemand::value image : images) {
                ondemand::object parts;
                if (image.get_object().get(parts)) continue;
                for (auto part : parts) {
                    if (string_view(part.escaped_key()) == "url") product.images.push_back(text(part.value()));
                }
            }
            break;
        }
        case 18:
            if (key == "contextualImageUrl") product.context_image = text(value);
            break;
        case 24:
            if (key == "itemMeasureReferenceText") product.measure = text(value);
            break;
        }
    }
}

static bool is_clean(string_view text) {
    bool space_before = true;
    for (unsigned char c : text) {
        if (c == ' ') {
            if (space_before) return false;
            space_before = true;
        } else if (c < 0x20 || c == 0x7f || c == '<' || c == '&') {
            return false;
        } else {
            space_before = false;
        }
    }
    return text.empty() || !space_before;
}

static void append_clean(string &out, string_view text) {
    if (is_clean(text)) {
        out.append(text);
        return;
    }
    string folded;
    for (size_t at = 0; at < text.size(); at++) {
        char c = text[at];
        bool opens = c == '<' && at + 1 < text.size() && (isalpha((unsigned char)text[at + 1]) || strchr("/!?", text[at + 1]));
        size_t end = opens ? text.find('>', at) : string_view::npos;
        if (end != string_view::npos) {
            at = end;
            c = ' ';
        }
        bool space = c == ' ' || (unsigned char)c < 0x20 || c == 0x7f;
        if (!space) folded.push_back(c);
        else if (!folded.empty() && folded.back() != ' ') folded.push_back(' ');
    }
    while (!folded.empty() && folded.back() == ' ') folded.pop_back();
    out.append(folded);
}

static size_t characters(string_view text) {
    size_t count = 0;
    for (unsigned char c : text) count += (c & 0xc0) != 0x80;
    return count;
}

static string_view cut(string_view text, size_t most) {
    if (text.size() <= most || characters(text) <= most) return text;
    size_t at = 0;
    for (size_t count = 0; at < text.size(); at++) {
        if (((unsigned char)text[at] & 0xc0) != 0x80 && count++ == most) break;
    }
    string_view head = text.substr(0, at);
    if (text[at] != ' ') {
        size_t space = head.rfind(' ');
        if (space != string_view::npos && space >= head.size() / 2) head = head.substr(0, space);
    }
    while (!head.empty() && head.back() == ' ') head.remove_suffix(1);
    return head;
}

static bool restricts(string_view mark) {
    static const string_view WORDS[] = {"FAMILY", "MEMBER", "IN_STORE", "STORE_ONLY", "패밀리", "회원", "매장 전용"};
    if (mark.empty() || mark == "NONE") return false;
    for (auto word : WORDS) {
        if (mark.find(word) != string_view::npos) return true;
    }
    return false;
}

static bool is_link(string_view url) {
    if (url.size() > 255 || !(url.substr(0, 8) == "https://" || url.substr(0, 7) == "http://")) return false;
    for (unsigned char c : url) {
        if (c <= 0x20 || c >= 0x7f) return false;
    }
    return true;
}

static string large(string_view url) {
    string found(url);
    size_t dot = found.rfind('.');
    if (dot != string::npos && dot >= 3 && found[dot - 3] == '_' && (found[dot - 2] == 's' || found[dot - 2] == 'S') &&
        found[dot - 1] >= '1' && found[dot - 1] <= '3') {
        found[dot - 1] = '5';
    }
    return found;
}

struct Left {
    const char *reason = nullptr, *column = "";
    string value;
};

struct Feed {
    string out;
    std::unordered_set<string> kept;
    std::unordered_map<string, size_t> left;
    std::vector<std::pair<bool, string>> excluded;
    std::vector<const char *> reasons;
    uint64_t fetched = 0, duplicates = 0;
    FILE *file;
    string title, part, shown;
    std::vector<string> urls;

    // Appends the row, or says why there is none.
    Left row(const Product &p, const Product *parent) {
        if (!p.stated) return {"no_price"};
        if (p.name.empty()) return {"no_name"};
        if (!p.sellable) return {"not_sellable", "", "onlineSellable false"};
        double amount = *p.stated;
        std::optional<uint64_t> before;
        if (!p.previous.empty()) {
            uint64_t number = 0;
            bool digits = true;
            for (char c : p.previous) {
                if (c >= '0' && c <= '9') number = number * 10 + (c - '0');
                else if (c != ',') digits = false;
            }
            if (digits) before = number;
        }
        std::vector<string_view> marks;
        for (auto mark : {p.tag, p.tag_text, p.badge, p.price_tag, p.price_tag_text, p.price_badge}) {
            if (restricts(mark)) marks.push_back(mark);
        }
        if (!marks.empty()) {
            if (!before || (double)*before < amount) {
                string value = std::to_string((uint64_t)amount) + " " + string(p.currency);
                for (auto mark : marks) value.append(" ").append(mark);
                return {"restricted_price", "", value};
            }
            amount = (double)*before;
            before.reset();
        }
        if (amount < 1) return {"price_too_low"};
        urls.clear();
        auto add = [&](string_view url) {
            if (url.empty()) return true;
            string found = large(url);
            if (!is_link(found)) return false;
            for (auto &other : urls) {
                if (other == found) return true;
            }
            urls.push_back(std::move(found));
            return true;
        };
        bool links = add(p.main_image);
        for (auto url : p.images) links = add(url) && links;
        links = add(p.context_image) && links;
        if (urls.empty()) return {"no_image"};
        if (p.id.empty() || p.id.size() > 50) return {"characters", "id"};
        for (unsigned char c : p.id) {
            if (!isalnum(c) && c != '_' && c != '-' && c != ' ') return {"characters", "id"};
        }
        string_view currency = !p.currency.empty() || !parent ? p.currency : parent->currency;
        if (!currency.empty() && currency != "KRW") return {"currency", "price_pc", string(currency)};
        if (amount != std::floor(amount) || amount > 9999999999.0) return {"not_whole", "price_pc"};
        string link(p.page);
        link += p.page.find('?') == string_view::npos ? '?' : '&';
        link += "utm_source=naver&utm_medium=ep";
        if (!links || !is_link(link)) return {"not_http", "link"};
        const auto &levels = !p.path.empty() || !parent ? p.path : parent->path;
        std::vector<string_view> names;
        for (auto &level : levels) {
            if (level.key != "products" && !level.name.empty()) names.push_back(level.name);
        }
        if (names.size() > 4) names.erase(names.begin() + 1, names.end() - 3);
        if (names.empty()) return {"required", "category_name1"};

        title = "이케아";
        string_view kind = !p.kind.empty() || !parent ? p.kind : parent->kind;
        for (auto piece : {p.name, kind, p.design, p.measure}) {
            if (piece.empty()) continue;
            title += ' ';
            append_clean(title, piece);
        }
        part.clear();
        append_clean(part, title);
        char price[24];
        size_t digits = std::to_chars(price, price + sizeof price, (uint64_t)amount).ptr - price;
        out.append(p.id).append("\t").append(cut(part, 100)).append("\t");
        out.append(price, digits).append("\t").append(price, digits).append("\t");
        if (before && (double)*before > amount) out.append(std::to_string(*before));
        out.append("\t").append(link).append("\t").append(link).append("\t").append(urls[0]).append("\t");
        for (size_t at = 1; at < urls.size() && at <= 10; at++) {
            if (at > 1) out += '|';
            out.append(urls[at]);
        }
        for (size_t at = 0; at < 4; at++) {
            out += '\t';
            if (at >= names.size()) continue;
            part.clear();
            append_clean(part, names[at]);
            out.append(cut(part, 50));
        }
        out.append("\t신상품\t").append(p.id).append("\tIKEA\tIKEA\t\t");
        if (p.reviews) out.append(std::to_string(*p.reviews));
        out.append(REST);
        return {};
    }

    void take(const Product &product, const Product *parent) {
        fetched++;
        string id(product.id);
        if (kept.count(id)) {
            duplicates++;
            return;
        }
        auto before = left.find(id);
        Left why = row(product, parent);
        if (!why.reason) {
            if (before != left.end()) {
                duplicates++;
                excluded[before->second].first = false;
                left.erase(before);
            }
            kept.insert(std::move(id));
            if (out.size() > (1 << 20)) flush();
        } else if (before != left.end()) {
            duplicates++;
        } else {
            left.emplace(id, excluded.size());
            string line = id + "\t";
            append_clean(line, product.name);
            line.append("\t").append(why.reason).append("\t").append(why.column).append("\t").append(why.value).append("\n");
            excluded.emplace_back(true, std::move(line));
            reasons.push_back(why.reason);
        }
    }

    void flush() {
        fwrite(out.data(), 1, out.size(), file);
        out.clear();
    }
};

int main(int, char **arguments) {
    padded_string json;
    if (padded_string::load(arguments[1]).get(json)) return fprintf(stderr, "%s cannot be read\n", arguments[1]), 1;
    ondemand::parser parser, inner;
    ondemand::document document;
    if (auto error = parser.iterate(json).get(document)) return fprintf(stderr, "%s\n", error_message(error)), 1;
    Feed feed;
    feed.file = fopen(arguments[2], "wb");
    feed.out = COLUMNS;
    Product product, variant;
    try {
        for (ondemand::value listed : document["moreProducts"]["productWindow"].get_array()) {
            product.clear();
            read(listed.get_object(), product);
            feed.take(product, nullptr);
            for (auto raw : product.variants) {
                // It lies within the padded text.
                ondemand::document one = inner.iterate(padded_string_view(raw.data(), raw.size(), raw.size() + SIMDJSON_PADDING));
                variant.clear();
                read(one.get_object(), variant);
                feed.take(variant, &product);
            }
        }
    } catch (const simdjson_error &error) {
        return fprintf(stderr, "%s\n", error.what()), 1;
    }
    feed.flush();
    if (fclose(feed.file)) return 1;
    FILE *excluded = fopen(arguments[3], "wb");
    fputs("id\tname\treason\tcolumn\tvalue\n", excluded);
    std::map<string, uint64_t> counts;
    for (size_t at = 0; at < feed.excluded.size(); at++) {
        if (!feed.excluded[at].first) continue;
        fwrite(feed.excluded[at].second.data(), 1, feed.excluded[at].second.size(), excluded);
        counts[feed.reasons[at]]++;
    }
    if (fclose(excluded)) return 1;
    printf("{\"fetched\": %llu, \"kept\": %zu, \"left\": {", (unsigned long long)feed.fetched, feed.kept.size());
    const char *between = "";
    for (auto &[reason, count] : counts) {
        printf("%s\"%s\": %llu", between, reason.c_str(), (unsigned long long)count);
        between = ", ";
    }
    printf("}, \"duplicates\": %llu}\n", (unsigned long long)feed.duplicates);
}
