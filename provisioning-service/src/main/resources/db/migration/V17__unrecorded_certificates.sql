-- A key may be blocked that no device on record has.
alter table device_key alter column device_id drop not null;
