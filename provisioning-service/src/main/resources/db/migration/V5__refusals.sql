-- What was refused, to whom as far as they said, and what they can do about it. Bounded: the oldest go first.
create table refusal (
  id         uuid primary key,
  door       varchar(16) not null,          -- est, rest, factory, broker, tls, http
  address    varchar(64) not null,
  claimed    varchar(128),                  -- who the caller said it was; proven by nobody
  request    varchar(200) not null,
  reason     varchar(40) not null,
  detail     varchar(600) not null,
  next_step  varchar(400) not null,
  first_at   timestamp(6) with time zone not null,
  last_at    timestamp(6) with time zone not null,
  times      integer not null               -- the same again within the minute
);
create index refusal_by_claimed on refusal (claimed, last_at);
create index refusal_by_time on refusal (last_at);
