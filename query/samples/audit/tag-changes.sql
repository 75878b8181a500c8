-- Who removes or changes tags?
-- for: audit, operations
-- look for: tags that say who owns or pays for something, and tags on which
-- rights depend.
SELECT eventTime, userIdentity.arn AS who, eventName AS action,
       coalesce(element_at(requestParameters, 'tagKeys'),
                json_format(json_extract(element_at(requestParameters, 'tagSet'), '$.items'))) AS tags,
       coalesce(element_at(requestParameters, 'resourceARNList'), element_at(requestParameters, 'resourcesSet'),
                element_at(requestParameters, 'resourceArn')) AS what, errorCode AS error
FROM $store
WHERE eventTime >= $from AND eventTime < $to
  AND (eventName LIKE 'Untag%' OR eventName IN ('DeleteTags', 'RemoveTagsFromResource', 'DeleteBucketTagging'))
ORDER BY eventTime, eventID
