-- Lists of revoked certificates as they were signed last, shared by all replicas: one for each key of an authority.
create table revocation_list_number (
  role        varchar(32) primary key,
  last_number bigint not null               -- of all that bear the role's name (RFC 5280 §5.2.3)
);
create table revocation_list (
  authority   varchar(64) primary key,      -- role and key
  number      bigint not null,
  this_update timestamp(6) with time zone not null,
  next_update timestamp(6) with time zone not null,
  event       bigint not null               -- holds what was revoked up to this event of the feed, at least
);
-- In pieces: H2 has no more than a mebibyte in a column.
create table revocation_list_part (
  authority   varchar(64) not null references revocation_list on delete cascade,
  part        integer not null,
  octets      bytea not null,
  primary key (authority, part)
);
