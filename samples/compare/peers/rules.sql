-- The rules of samples/customers.mapping.yaml and schema/customer.schema.json for the 20 columns, by hand. A row that the
-- reader drops for its width is invalid too: the caller knows how many rows there are. A quote inside an unquoted cell is
-- let through.
with rows as (
  select * from read_csv($file, header = true, all_varchar = true, delim = ',', quote = '"', escape = '"',
    strict_mode = true, ignore_errors = true, null_padding = false, max_line_size = 2000000)
), verdicts as (
  select
    ("Customer ID" is null or length("Customer ID") between 1 and 256 and not regexp_matches("Customer ID", '^[0-9](\.[0-9]+)?E\+[0-9]+$')) id,
    ("Name" is null or length("Name") <= 256) name,
    ("E-mail" is null or len(string_split("E-mail", ';')) <= 10 and len(list_filter(string_split("E-mail", ';'), lambda x: not regexp_matches(trim(x), '^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$'))) = 0) email,
    ("Phone" is null or regexp_matches(replace(replace(replace("Phone", ' ', ''), '-', ''), '.', ''), '^\+[1-9][0-9]{6,14}$')) phone,
    ("Mobile" is null or regexp_matches(replace(replace(replace("Mobile", ' ', ''), '-', ''), '.', ''), '^\+[1-9][0-9]{6,14}$')) mobile,
    ("City" is null or length("City") <= 128) city,
    ("Country" is null or length("Country") = 2) country,
    ("Language" is null or length("Language") <= 100) lang,
    ("Time zone" is null or length("Time zone") <= 64) zone,
    ("Birthday" is null or try_strptime("Birthday", '%Y-%m-%d') is not null) birthday,
    ("Signed up" is null or try_strptime("Signed up", '%Y-%m-%d %H:%M') is not null) signed_up,
    ("Tags" is null or len(string_split("Tags", ',')) <= 20 and len(list_filter(string_split("Tags", ','), lambda x: not regexp_matches(trim(x), '^[0-9a-zA-ZÀ-ÿ_/<>.\-][0-9a-zA-ZÀ-ÿ_/<>. \-]{0,63}$'))) = 0) tags,
    ("Avg Sat Score" is null or try_cast("Avg Sat Score" as double) is not null) score,
    ("Loyalty Tier" is null or length("Loyalty Tier") <= 1024) tier,
    ("VIP" is null or lower("VIP") in ('yes', 'no', 'true', 'false', '1', '0', 'y', 'n', 'on', 'off')) vip,
    ("Orders" is null or try_cast("Orders" as double) is not null) orders,
    ("Last Order" is null or try_strptime("Last Order", '%d.%m.%Y') is not null) last_order,
    ("Profile" is null or regexp_matches("Profile", '^(https?|ftp)://[^\s/]+\.[^\s]*$')) profile,
    ("Notes" is null or length("Notes") <= 1024) notes,
    ("Twitter" is null or length("Twitter") between 1 and 256) twitter
  from rows
)
select count(*),
  count(*) filter (not (id and name and email and phone and mobile and city and country and lang and zone and birthday
    and signed_up and tags and score and tier and vip and orders and last_order and profile and notes and twitter)),
  count(*) filter (not id), count(*) filter (not name), count(*) filter (not email), count(*) filter (not phone),
  count(*) filter (not mobile), count(*) filter (not city), count(*) filter (not country), count(*) filter (not lang),
  count(*) filter (not zone), count(*) filter (not birthday), count(*) filter (not signed_up), count(*) filter (not tags),
  count(*) filter (not score), count(*) filter (not tier), count(*) filter (not vip), count(*) filter (not orders),
  count(*) filter (not last_order), count(*) filter (not profile), count(*) filter (not notes), count(*) filter (not twitter)
from verdicts
