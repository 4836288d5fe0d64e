-- Retained messages of revoked devices: how many a broker has cleared for an event, and whether it is still looking for more.
alter table broker_sessions add column retained integer default 0 not null;
alter table broker_deletion add column retained boolean default false not null;
