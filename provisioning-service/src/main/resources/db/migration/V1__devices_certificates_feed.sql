-- One SQL for H2 and PostgreSQL.

create table device (
  id         varchar(128) primary key,
  profile    varchar(64) not null,
  status     varchar(16) not null,          -- granted, active, revoked
  created_at timestamp(6) with time zone not null
);

-- One-time tokens. Only the SHA-256 is kept: a token is 192 random bits, so it needs no salt or stretching.
create table enrolment_token (
  id         uuid primary key,
  device_id  varchar(128) not null references device,
  profile    varchar(64) not null,
  hash       varchar(64) not null unique,
  created_at timestamp(6) with time zone not null,
  expires_at timestamp(6) with time zone not null,
  used_at    timestamp(6) with time zone,
  voided_at  timestamp(6) with time zone
);
create index enrolment_token_by_device on enrolment_token (device_id);

-- A row is reserved before its certificate is signed and completed after.
create table certificate (
  issuer     varchar(32) not null,          -- role of the authority
  serial     varchar(40) not null,          -- upper-case hexadecimal
  device_id  varchar(128) references device, -- none for servers, operators and brokers
  subject    varchar(1024) not null,
  key_hash   varchar(64) not null,          -- SHA-256 of the SubjectPublicKeyInfo
  state      varchar(16) not null,          -- reserved, issued, revoked, abandoned
  token_id   uuid references enrolment_token,
  not_before timestamp(6) with time zone not null,
  not_after  timestamp(6) with time zone not null,
  reserved_at timestamp(6) with time zone not null,
  issued_at  timestamp(6) with time zone,
  revoked_at timestamp(6) with time zone,
  revocation_reason varchar(32),
  der        bytea,
  primary key (issuer, serial)
);
create index certificate_by_device on certificate (device_id);
create index certificate_by_state on certificate (state);

-- A key belongs to one device for ever; a key once revoked is never certified again.
create table device_key (
  hash       varchar(64) primary key,
  device_id  varchar(128) not null references device,
  revoked_at timestamp(6) with time zone
);
create index device_key_by_device on device_key (device_id);

-- Feed order is commit order: the number comes from this row, locked until the commit.
create table feed_counter (
  id         integer primary key,
  feed       uuid not null,
  last_event bigint not null
);
create table feed_event (
  event      bigint primary key,
  body       varchar(1000000) not null,
  created_at timestamp(6) with time zone not null
);
