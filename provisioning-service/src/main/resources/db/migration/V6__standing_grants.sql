-- Grants that let in many: by a manufacturer's certificates, by a shared claim certificate, by a station.
create table standing_grant (
  id           uuid primary key,
  name         varchar(128) not null,
  open_name    varchar(128) unique,            -- the name, until it is withdrawn: then another may have it
  kind         varchar(16) not null,           -- manufacturer, claim, station
  profiles     varchar(1000) not null,         -- comma between them; the first is for those who name none
  budget       integer,                        -- devices; none for any number
  used         integer not null,               -- rows in grant_use
  any_name     boolean not null,               -- else only those in grant_name
  id_from      varchar(32),                    -- manufacturer: how a subject becomes a device id
  id_pattern   varchar(500),
  id_template  varchar(200),
  per_minute   integer,                        -- claim: attempts
  created_by   varchar(128) not null,
  created_at   timestamp(6) with time zone not null,
  expires_at   timestamp(6) with time zone,
  withdrawn_at timestamp(6) with time zone
);
create table grant_certificate (
  grant_id  uuid not null references standing_grant,
  place     integer not null,
  der       bytea not null,
  primary key (grant_id, place)
);
create table grant_name (
  grant_id  uuid not null references standing_grant,
  device_id varchar(128) not null,
  primary key (grant_id, device_id)
);
-- A device that has been let in by a grant; void when all its certificates by that grant were abandoned.
create table grant_use (
  grant_id  uuid not null references standing_grant,
  device_id varchar(128) not null,
  taken_at  timestamp(6) with time zone not null,
  primary key (grant_id, device_id)
);
create index grant_use_by_device on grant_use (device_id);
-- A birth certificate belongs to one device for ever, and a device to one; void as above.
create table birth (
  key_hash  varchar(64) primary key,           -- SHA-256 of the IDevID's SubjectPublicKeyInfo
  device_id varchar(128) not null unique,
  bound_at  timestamp(6) with time zone not null
);
